#include "faultline/fuzz/failure_log.h"

#include <algorithm>

namespace faultline {

namespace {

/// Less distorted by less than that is no news.
constexpr double kClearlyLess = 0.8;

}  // namespace

std::string mutators_text(const Recipe& recipe) {
  std::set<std::string> names;
  for (const RecipeStep& step : recipe.steps) {
    names.insert(step.mutator);
  }
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : "+") + name;
  }
  return text.empty() ? "seed" : text;
}

std::string signature_of(const FuzzFailure& failure) {
  const Screened& one = failure.screened;
  return std::to_string(one.oracle) + " " + std::to_string(failure.label) + ">" + std::to_string(one.prediction) + " " +
         mutators_text(one.input.recipe) + " " + std::to_string(one.severity);
}

bool FailureLog::offer(const FuzzFailure& failure) {
  ++offered_;
  const Screened& one = failure.screened;
  const bool stands_for_seed = !seeds_.contains(one.input.seed);
  if (kept_.size() >= quota_.most && !stands_for_seed) {
    return false;
  }
  const auto [place, is_new] = kinds_.try_emplace(signature_of(failure));
  Kind& kind = place->second;
  const bool same_seed = std::ranges::any_of(
      kind.kept, [&](std::uint64_t number) { return kept_.at(number).screened.input.seed == one.input.seed; });
  const bool has_room = is_new || (kind.kept.size() < 1 + quota_.diverse && !same_seed);
  const bool clearly_less = !is_new && one.distance < kClearlyLess * kind.least;
  if (!has_room && !stands_for_seed && !clearly_less) {
    return false;
  }
  kind.least = is_new ? one.distance : std::min(kind.least, one.distance);
  if (stands_for_seed) {
    seeds_[one.input.seed] = next_;
  }
  kind.kept.push_back(next_);
  kept_.emplace(next_++, failure);
  if (kind.kept.size() > 1 + quota_.diverse) {
    displace(kind);
  }
  return true;
}

void FailureLog::displace(Kind& kind) {
  const auto stands_for_seed = [&](std::uint64_t number) {
    return seeds_.at(kept_.at(number).screened.input.seed) == number;
  };
  auto worst = kind.kept.end();
  for (auto number = kind.kept.begin(); number != kind.kept.end(); ++number) {
    const bool farther =
        worst == kind.kept.end() || kept_.at(*number).screened.distance > kept_.at(*worst).screened.distance;
    if (!stands_for_seed(*number) && farther) {
      worst = number;
    }
  }
  if (worst != kind.kept.end()) {
    kept_.erase(*worst);
    kind.kept.erase(worst);
  }
}

}  // namespace faultline
