#include "faultline/fuzz/seed_weights.h"

#include <algorithm>
#include <cmath>

namespace faultline {

namespace {

double finite_median(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) {
    return 1;
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return std::max(*middle, 1e-12);
}

}  // namespace

SeedWeights::SeedWeights(const std::vector<double>& margins, const SeedPart& part)
    : median_(finite_median(margins)), broken_(margins.size(), 0), weights_(margins.size(), 0) {
  const bool whole = static_cast<std::int64_t>(margins.size()) < part.parts;
  for (std::size_t seed = 0; seed < margins.size(); ++seed) {
    standings_.push_back({.margin = margins[seed] / median_});
    if (whole || part.holds(static_cast<std::int64_t>(seed))) {
      drawn_from_.push_back(seed);
    }
  }
  for (const std::size_t seed : drawn_from_) {
    update(seed);
  }
}

void SeedWeights::broke(std::int64_t seed, std::int64_t times) {
  broken_[static_cast<std::size_t>(seed)] += times;
  update(static_cast<std::size_t>(seed));
}

void SeedWeights::came_near(std::int64_t seed, double margin) {
  standings_[static_cast<std::size_t>(seed)] = {.margin = margin / median_};
  update(static_cast<std::size_t>(seed));
}

void SeedWeights::was_tried(std::int64_t seed) {
  ++standings_[static_cast<std::size_t>(seed)].tries;
  update(static_cast<std::size_t>(seed));
}

void SeedWeights::update(std::size_t seed) {
  if (!std::ranges::binary_search(drawn_from_, seed)) {
    return;
  }
  constexpr double kMostHalvings = 10;
  constexpr double kPatience = 32;  // tries that halve a weight
  const Standing& standing = standings_[seed];
  const double near = 1 / (0.2 + std::clamp(std::isfinite(standing.margin) ? standing.margin : 1, 0.0, 10.0));
  const double patience = kPatience / (kPatience + static_cast<double>(standing.tries));
  sum_ -= weights_[seed];
  weights_[seed] = near * patience * std::exp2(-std::min(static_cast<double>(broken_[seed]), kMostHalvings));
  sum_ += weights_[seed];
}

std::int64_t SeedWeights::drawn(Draws& draws) const {
  double left = draws.between(0, 1) * sum_;
  for (const std::size_t seed : drawn_from_) {
    left -= weights_[seed];
    if (left < 0) {
      return static_cast<std::int64_t>(seed);
    }
  }
  return static_cast<std::int64_t>(drawn_from_.back());
}

}  // namespace faultline
