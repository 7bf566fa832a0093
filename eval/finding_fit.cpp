#include "faultline/eval/finding_fit.h"

#include <algorithm>

#include "faultline/core/error.h"

namespace faultline {

std::string ModelFit::misfit(TargetStack& target, const StoredFinding& stored) {
  const Failure& failure = stored.finding.failure;
  if (std::string why = oracle_misfit(failure); !why.empty()) {
    return why;
  }
  const Shape shape = shape_for(target, stored.finding);
  if (!shape.refusal.empty()) {
    return shape.refusal;
  }
  const std::vector<Discovery>& discoveries = stored.discoveries;
  if (!discoveries.empty() && std::ranges::find(discoveries, shape.classes, &Discovery::classes) == discoveries.end()) {
    return "it was found on a model with " + std::to_string(first_of(discoveries).classes) + " classes, this one has " +
           std::to_string(shape.classes);
  }
  const std::int64_t highest = std::max(failure.label, failure.target.value_or(0));
  if (highest >= shape.classes) {
    return "its class " + std::to_string(highest) + " does not exist: the model has " + std::to_string(shape.classes) +
           " classes";
  }
  return {};
}

std::string ModelFit::oracle_misfit(const Failure& failure) {
  try {
    const std::vector<ConfiguredOracle>& rule = oracle(failure.oracle);
    return !rule.empty() && rule.front().info.needs_others
               ? "its oracle '" + failure.oracle + "' compares models, a replay has one"
               : std::string();
  } catch (const Error&) {
    return "its oracle '" + failure.oracle + "' is not known to this version of faultline";
  }
}

const std::vector<ConfiguredOracle>& ModelFit::oracle(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (const auto known = configured_.find(text); known != configured_.end()) {
    return known->second;
  }
  std::vector<ConfiguredOracle> rule;
  if (text != Failure{}.oracle) {
    if (oracles_ == nullptr) {
      throw Error{ErrorCode::kUsage, "unknown oracle"};
    }
    rule.push_back(oracles_->configure(text, "entry.json"));
  }
  return configured_.emplace(text, std::move(rule)).first->second;
}

std::int64_t ModelFit::classes(const std::vector<std::int64_t>& shape) const {
  const std::lock_guard lock(mutex_);
  return shapes_.at(shape).classes;
}

ModelFit::Shape ModelFit::shape_for(TargetStack& target, const Finding& finding) {
  const std::lock_guard lock(mutex_);
  const auto [place, missing] = shapes_.try_emplace(finding.failure.shape);
  if (missing) {
    try {
      place->second.classes = target.padded().logits(finding.clean.unsqueeze(0).to(device_)).size(1);
    } catch (const Error& error) {
      // The model's own words are the answer to the question whether it takes this shape.
      if (error.code() != ErrorCode::kUsage) {
        throw;
      }
      place->second.refusal = error.what();
    }
  }
  return place->second;
}

}  // namespace faultline
