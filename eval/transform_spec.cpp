#include "faultline/eval/transform_spec.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/core/suggest.h"
#include "faultline/data/array.h"

namespace faultline {

namespace {

std::int64_t shorter_side(const std::vector<std::int64_t>& shape) { return std::min(shape[1], shape[2]); }

TransformAxis held_at(const std::string& name, double value) {
  return {.name = name, .lower = value, .upper = value, .mildest = value};
}

TransformAxis axis_of(const TransformSpec& spec, const MutatorRegistry::Entry& mutator, const ParameterInfo& parameter,
                      const Limit& limit, std::int64_t side) {
  TransformAxis axis{.name = mutator.info.name + "." + parameter.name};
  if (limit.held && (limit.least || limit.most)) {
    throw Error{ErrorCode::kUsage, spec.text + ": " + axis.name + " is held and limited; leave one of them out"};
  }
  if (limit.held) {
    return held_at(axis.name, *limit.held);
  }
  const Scale& scale = parameter.scale;
  std::tie(axis.lower, axis.upper) = range_at(parameter, spec.severity, side);
  if (limit.most) {
    axis.upper = *limit.most;
    axis.lower = scale.symmetric ? -*limit.most : axis.lower;
  }
  const bool limited = limit.most || limit.least;
  if (!limited && parameter.names.empty() && std::ranges::count(scale.values, scale.values.front()) == kSeverities) {
    return held_at(axis.name, axis.upper);  // a shape, not a strength: the same at every severity
  }
  axis.lower = limit.least.value_or(axis.lower);
  if (axis.lower > axis.upper) {
    throw Error{ErrorCode::kUsage, spec.text + ": " + axis.name + " would go from " + shortest(axis.lower) + " to " +
                                       shortest(axis.upper) + "; give both min-" + parameter.name + " and max-" +
                                       parameter.name};
  }
  axis.mildest = std::clamp(scale.identity.value_or(axis.lower), axis.lower, axis.upper);
  if (parameter.integer) {
    axis.lower = std::ceil(axis.lower);
    axis.upper = std::max(axis.lower, std::floor(axis.upper));
    for (double value = axis.lower; value <= axis.upper; ++value) {
      axis.values.push_back(value);
    }
    axis.mildest = std::round(axis.mildest);
  }
  return axis;
}

/// The profile for images of about that size.
const CorruptionProfile& profile_for(std::int64_t side) {
  const auto off = [side](const CorruptionProfile& profile) {
    return std::abs(std::log(static_cast<double>(side) / profile.side));
  };
  return *std::ranges::min_element(corruption_profiles(), std::less{}, off);
}

const Corruption& corruption_of(const TransformSpec& spec, const std::vector<std::int64_t>& shape) {
  return corruption_named(spec.profile.empty() ? profile_for(shorter_side(shape)) : corruption_profile(spec.profile),
                          spec.corruption, spec.text);
}

void refuse_skipped(const TransformSpec& spec, const MutatorRegistry::Entry& mutator,
                    const std::vector<std::int64_t>& shape) {
  if (shape[0] < mutator.info.least_channels) {
    throw Error{ErrorCode::kUsage,
                spec.text + ": " + mutator.info.name + " needs colours, but the samples are " + shape_text(shape)};
  }
  if (std::min(shape[1], shape[2]) < mutator.info.least_side) {
    throw Error{ErrorCode::kUsage, spec.text + ": " + mutator.info.name + " needs images of at least " +
                                       std::to_string(mutator.info.least_side) + " pixels, but the samples are " +
                                       shape_text(shape)};
  }
}

}  // namespace

TransformSpace space_of(const TransformSpec& spec, const std::vector<std::int64_t>& shape) {
  if (shape.size() != 3) {
    throw Error{ErrorCode::kUsage,
                spec.text + ": transforms are of images [C, H, W], but the samples are " + shape_text(shape)};
  }
  const std::int64_t side = shorter_side(shape);
  TransformSpace space;
  if (!spec.corruption.empty()) {
    const Corruption& corruption = corruption_of(spec, shape);
    const MutatorRegistry::Entry& mutator = spec.mutators->at(corruption.mutator);
    refuse_skipped(spec, mutator, shape);
    space.add(mutator, corruption.name + ".severity",
              {corruption.severities.begin(), corruption.severities.begin() + spec.severity});
  }
  for (const StepSpec& step : spec.steps) {
    refuse_skipped(spec, *step.mutator, shape);
    std::vector<TransformAxis> axes;
    for (std::size_t i = 0; i < step.limits.size(); ++i) {
      axes.push_back(axis_of(spec, *step.mutator, step.mutator->parameters[i], step.limits[i], side));
    }
    space.add(*step.mutator, std::move(axes));
  }
  return space;
}

std::string caution_text(const std::string& name, const MutatorInfo& info) {
  return name +
         (info.preserves == 0 ? " may change the label: "
                              : " is searched beyond severity " + std::to_string(info.preserves) +
                                    ", up to which a person gives the same label: ") +
         info.validity;
}

std::vector<std::string> cautions_of(const TransformSpec& spec, const std::vector<std::int64_t>& shape) {
  std::vector<std::string> cautions;
  const auto caution = [&](const std::string& name, const MutatorInfo& info) {
    cautions.push_back(caution_text(name, info));
  };
  if (!spec.corruption.empty()) {
    const MutatorInfo& info = spec.mutators->at(corruption_of(spec, shape).mutator).info;
    if (spec.severity > info.preserves) {
      caution(spec.corruption, info);
    }
  }
  for (const StepSpec& step : spec.steps) {
    bool too_far = step.mutator->info.preserves == 0;
    for (std::size_t i = 0; i < step.limits.size() && !too_far; ++i) {
      const ParameterInfo& parameter = step.mutator->parameters[i];
      const TransformAxis axis = axis_of(spec, *step.mutator, parameter, step.limits[i], shorter_side(shape));
      const auto [least, most] = range_at(parameter, step.mutator->info.preserves, shorter_side(shape));
      // As far on the other side of the value that changes nothing is as mild.
      const double start = parameter.scale.identity.value_or(least);
      const double reach = parameter.scale.identity ? std::max(most - start, start - least) : most - least;
      too_far = parameter.names.empty() && (axis.lower < start - reach || axis.upper > start + reach);
    }
    if (too_far) {
      caution(step.mutator->info.name, step.mutator->info);
    }
  }
  return cautions;
}

const Corruption& corruption_named(const CorruptionProfile& profile, const std::string& name,
                                   const std::string& where) {
  std::vector<std::string> names;
  for (const Corruption& corruption : profile.corruptions) {
    if (corruption.name == name) {
      return corruption;
    }
    names.push_back(corruption.name);
  }
  throw Error{ErrorCode::kUsage, where + ": unknown corruption '" + name + "'" + did_you_mean(name, names)};
}

}  // namespace faultline
