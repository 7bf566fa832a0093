#include "faultline/fuzz/recipe_space.h"

#include <algorithm>
#include <cmath>

#include "faultline/core/error.h"

namespace faultline {

namespace {

/// The double that the float32 nearest to a value is.
double as_float(double value) { return static_cast<double>(static_cast<float>(value)); }

ParameterRange parameter_range(const ParameterInfo& parameter, int severity, std::int64_t side) {
  const auto [lower, upper] = range_at(parameter, severity, side);
  ParameterRange range{.lower = as_float(lower), .upper = as_float(upper), .integer = parameter.integer};
  const Scale& scale = parameter.scale;
  const bool is_choice = !parameter.names.empty();
  if (!is_choice && std::ranges::count(scale.values, scale.values.front()) == kSeverities) {
    // A shape, not a strength: the same at every severity.
    range.lower = range.upper = as_float(value_at(scale, severity, side));
  }
  range.integer = range.integer || is_choice;
  range.mildest = range.nearest(scale.identity.value_or(is_choice ? 0 : value_at(scale, 1, side)));
  return range;
}

/// Both, and what lies between them: a severity may be whatever a milder one may.
ParameterRange hull(const ParameterRange& milder, ParameterRange range) {
  range.lower = std::min(range.lower, milder.lower);
  range.upper = std::max(range.upper, milder.upper);
  return range;
}

bool takes(const MutatorRegistry::Entry& mutator, const std::vector<std::int64_t>& shape) {
  return shape[0] >= mutator.info.least_channels && std::min(shape[1], shape[2]) >= mutator.info.least_side;
}

}  // namespace

bool ParameterRange::contains(double value) const {
  return lower <= value && value <= upper && (!integer || value == std::round(value));
}

double ParameterRange::nearest(double value) const {
  if (!std::isfinite(value)) {
    return mildest;
  }
  if (!integer) {
    return std::clamp(as_float(value), lower, upper);
  }
  const double least = std::ceil(lower);
  return std::clamp(std::round(value), least, std::max(least, std::floor(upper)));
}

RecipeSpace::RecipeSpace(const std::vector<AllowedMutator>& mutators, const std::vector<std::int64_t>& shape,
                         const RecipeLimits& limits)
    : limits_(limits) {
  for (const AllowedMutator& allowed : mutators) {
    if (!takes(*allowed.mutator, shape)) {
      continue;
    }
    ChosenMutator choice{.mutator = allowed.mutator, .severity = allowed.severity};
    for (int severity = 1; severity <= allowed.severity; ++severity) {
      const auto place = static_cast<std::size_t>(severity - 1);
      for (std::size_t i = 0; i < allowed.mutator->parameters.size(); ++i) {
        const ParameterRange range =
            parameter_range(allowed.mutator->parameters[i], severity, std::min(shape[1], shape[2]));
        choice.ranges.at(place).push_back(place == 0 ? range : hull(choice.ranges.at(place - 1)[i], range));
      }
    }
    numbers_[allowed.mutator->info.name] = choices_.size();
    choices_.push_back(std::move(choice));
  }
  if (choices_.empty()) {
    throw Error{ErrorCode::kUsage, "--mutators: none of them changes images of " + std::to_string(shape[0]) +
                                       " channels and " + std::to_string(shape[1]) + " x " + std::to_string(shape[2]) +
                                       " pixels"};
  }
  FAULTLINE_ASSERT(choices_.size() <= 256, "their numbers are bytes");
  FAULTLINE_ASSERT(limits.steps >= 1 && limits.steps <= kMostRecipeSteps && limits.validity >= 1, "limits of recipes");
}

const std::vector<ParameterRange>& RecipeSpace::ranges(std::size_t number, int severity) const {
  return choices_[number].ranges.at(static_cast<std::size_t>(severity - 1));
}

std::size_t RecipeSpace::number_of(const std::string& mutator) const {
  const auto known = numbers_.find(mutator);
  return known == numbers_.end() ? size() : known->second;
}

int RecipeSpace::severity(const RecipeStep& step) const {
  const std::size_t number = number_of(step.mutator);
  if (number == size()) {
    return 0;
  }
  const auto holds = [](const ParameterRange& range, double value) { return range.contains(value); };
  for (int severity = 1; severity <= choices_[number].severity; ++severity) {
    if (std::ranges::equal(ranges(number, severity), step.values, holds)) {
      return severity;
    }
  }
  return 0;
}

int RecipeSpace::severity(const Recipe& recipe) const {
  int sum = 0;
  for (const RecipeStep& step : recipe.steps) {
    sum += severity(step);
  }
  return sum;
}

bool RecipeSpace::contains(const Recipe& recipe) const {
  const auto is_legal = [&](const RecipeStep& step) {
    return severity(step) > 0 && step.version == mutator(number_of(step.mutator)).info.version;
  };
  return recipe.steps.size() <= limits_.steps && std::ranges::all_of(recipe.steps, is_legal) &&
         severity(recipe) <= limits_.validity;
}

void RecipeSpace::clip(Recipe& recipe) const {
  int left = limits_.validity;
  std::vector<RecipeStep> kept;
  for (RecipeStep& step : recipe.steps) {
    const std::size_t number = number_of(step.mutator);
    if (number == size()) {
      continue;
    }
    step.version = mutator(number).info.version;
    step.values.resize(mutator(number).parameters.size(), std::nan(""));
    const std::vector<ParameterRange>& widest = ranges(number, most_severe(number));
    for (std::size_t i = 0; i < step.values.size(); ++i) {
      step.values[i] = widest[i].nearest(step.values[i]);
    }
    left -= severity(step);
    if (left < 0 || kept.size() == limits_.steps) {
      break;
    }
    kept.push_back(std::move(step));
  }
  recipe.steps = std::move(kept);
}

bool RecipeSpace::needs_gradient() const {
  return std::ranges::any_of(choices_, [](const ChosenMutator& one) { return one.mutator->info.needs_gradient; });
}

std::vector<const MutatorRegistry::Entry*> RecipeSpace::mutators_of(const Recipe& recipe) const {
  std::vector<const MutatorRegistry::Entry*> mutators;
  for (const RecipeStep& step : recipe.steps) {
    mutators.push_back(&mutator(number_of(step.mutator)));
  }
  return mutators;
}

Tensor RecipeSpace::render(const Recipe& recipe, const Tensor& input, const Bounds& bounds,
                           const Tensor& gradient) const {
  return rendered(recipe, mutators_of(recipe), input, bounds, gradient);
}

}  // namespace faultline
