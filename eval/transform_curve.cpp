#include "faultline/eval/transform_curve.h"

#include <algorithm>
#include <cmath>

#include "faultline/core/error.h"
#include "faultline/core/suggest.h"
#include "faultline/eval/transform_spec.h"
#include "faultline/eval/witness.h"

namespace faultline {

namespace {

/// The attack on the slice of its space where an axis has one of a few values.
ConfiguredAttack sliced(const ConfiguredAttack& attack, const std::string& axis, const std::vector<double>& values) {
  ConfiguredAttack slice = attack;
  slice.space = [whole = attack.space, axis, values](const std::vector<std::int64_t>& shape) {
    return whole(shape).narrowed(axis, values);
  };
  return slice;
}

struct NamedParameter {
  const MutatorInfo& mutator;
  const ParameterInfo& parameter;
};

NamedParameter parameter_named(const std::string& name, const MutatorRegistry& mutators) {
  const std::size_t dot = name.find('.');
  const MutatorRegistry::Entry& mutator = mutators.at(name.substr(0, dot));
  std::vector<std::string> names;
  for (const ParameterInfo& parameter : mutator.parameters) {
    if (!parameter.names.empty()) {
      continue;
    }
    names.push_back(mutator.info.name + "." + parameter.name);
    if (dot != std::string::npos && parameter.name == name.substr(dot + 1)) {
      return {mutator.info, parameter};
    }
  }
  throw Error{ErrorCode::kUsage, "--over: unknown parameter '" + name + "'" + did_you_mean(name, names)};
}

/// How far from the start the value at a severity is.
double magnitude_at(const ParameterInfo& parameter, int severity, int shorter_side) {
  return std::abs(value_at(parameter.scale, severity, shorter_side) - *parameter.scale.identity);
}

}  // namespace

CurveRange curve_range(const std::string& name, const MutatorRegistry& mutators, int shorter_side) {
  const auto [mutator, parameter] = parameter_named(name, mutators);
  const Scale& scale = parameter.scale;
  if (!scale.identity) {
    throw Error{ErrorCode::kUsage,
                "--over: " + name + " has no value that changes nothing, from which a curve could start"};
  }
  const double start = *scale.identity;
  CurveRange range{.axis = {.name = name, .unit = scale.unit, .start = start},
                   .largest = magnitude_at(parameter, kSeverities, shorter_side),
                   .step = parameter.integer ? MagnitudeStep::kWhole : MagnitudeStep::kAny,
                   .preserved = mutator.preserves == 0 ? 0 : magnitude_at(parameter, mutator.preserves, shorter_side),
                   .caution = caution_text(mutator.name, mutator)};
  if (scale.symmetric) {
    range.axis.signs = {-1, 1};
    range.limit = std::min(scale.upper - start, start - scale.lower);
  } else if (scale.values.back() > start) {
    range.limit = scale.upper - start;
  } else {
    range.axis.signs = {-1};
    range.limit = start - scale.lower;
  }
  return range;
}

std::vector<double> magnitudes_to(double largest, MagnitudeStep step) {
  constexpr int kSteps = 30;
  constexpr int kMostWhole = 60;
  const bool whole = largest == std::round(largest) && largest >= kSteps / 2.0 && largest <= kMostWhole;
  const int steps = whole ? static_cast<int>(largest) : kSteps;
  std::vector<double> magnitudes;
  for (int number = 1; number <= steps; ++number) {
    const double magnitude = largest * number / steps;
    const double taken = step == MagnitudeStep::kWhole ? std::ceil(magnitude) : magnitude;
    if (magnitudes.empty() || taken > magnitudes.back()) {
      magnitudes.push_back(taken);
    }
  }
  return magnitudes;
}

ChunkResult transform_curve_chunk(TargetStack& target, const Batch& batch, const Plan& plan,
                                  const ConfiguredAttack& attack) {
  const CurveAxis& axis = *plan.curve->over;
  const Rng rng(plan.seed);
  CleanPass pass = clean_pass(target, batch, plan.goal, rng.derived("target"));
  ChunkResult result{std::move(pass.rows), batch.inputs, batch.inputs.clone(), std::vector<AttackCost>(1)};
  ThreatModel threat = uniform_threat(Norm::kLinf, 0, batch, plan.data.options.bounds);
  threat.targets = pass.targets;
  Tensor survivors = pass.attackable;
  for (std::size_t number = 0; number < plan.curve->at.size() && survivors.size(0) > 0; ++number) {
    const double magnitude = plan.curve->at[number];
    const Attempt tried = attempt(target, sliced(attack, axis.name, axis.at(magnitude)), select(batch, survivors),
                                  select(threat, survivors), rng.derived(attack.info.name, number), result.costs[0]);
    settle(result, survivors, 0, tried, magnitude);
    survivors = rows_left(survivors, tried);
  }
  name_witnesses(result);
  return result;
}

}  // namespace faultline
