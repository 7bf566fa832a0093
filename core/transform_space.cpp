#include "faultline/core/transform_space.h"

#include <algorithm>
#include <utility>

#include "faultline/core/error.h"

namespace faultline {

bool TransformAxis::contains(double value) const {
  return values.empty() ? lower <= value && value <= upper : std::ranges::find(values, value) != values.end();
}

void TransformSpace::add(const MutatorRegistry::Entry& mutator, std::vector<TransformAxis> parameters) {
  FAULTLINE_ASSERT(parameters.size() == mutator.parameters.size(), "one axis per parameter of " + mutator.info.name);
  FAULTLINE_ASSERT(steps_.size() < kMostTransformSteps, "too many transforms");
  steps_.push_back({&mutator, std::move(parameters), {}});
}

void TransformSpace::add(const MutatorRegistry::Entry& mutator, std::string name,
                         std::vector<std::vector<double>> table) {
  FAULTLINE_ASSERT(!table.empty() && steps_.size() < kMostTransformSteps, "a table of at least one row");
  TransformAxis axis{.name = std::move(name), .lower = 1, .upper = static_cast<double>(table.size()), .mildest = 1};
  for (std::size_t row = 1; row <= table.size(); ++row) {
    axis.values.push_back(static_cast<double>(row));
  }
  steps_.push_back({&mutator, {std::move(axis)}, std::move(table)});
}

std::vector<TransformAxis> TransformSpace::axes() const {
  std::vector<TransformAxis> free;
  for (const Step& step : steps_) {
    std::ranges::copy_if(step.axes, std::back_inserter(free), [](const TransformAxis& axis) { return !axis.fixed(); });
  }
  return free;
}

std::vector<const MutatorRegistry::Entry*> TransformSpace::mutators() const {
  std::vector<const MutatorRegistry::Entry*> mutators;
  std::ranges::transform(steps_, std::back_inserter(mutators), &Step::mutator);
  return mutators;
}

bool TransformSpace::random() const {
  return std::ranges::any_of(steps_, [](const Step& step) { return step.mutator->info.random; });
}

bool TransformSpace::needs_gradient() const {
  return std::ranges::any_of(steps_, [](const Step& step) { return step.mutator->info.needs_gradient; });
}

TransformSpace TransformSpace::narrowed(const std::string& axis, std::vector<double> values) const {
  TransformSpace space = *this;
  bool found = false;
  for (Step& step : space.steps_) {
    for (TransformAxis& candidate : step.axes) {
      if (candidate.name == axis) {
        candidate = {axis, values.front(), values.back(), values.front(), values};
        found = true;
      }
    }
  }
  FAULTLINE_ASSERT(found, "there is no axis " + axis);
  return space;
}

Recipe TransformSpace::recipe(std::span<const double> point, std::uint64_t key) const {
  Recipe recipe;
  std::size_t next = 0;
  for (const Step& step : steps_) {
    std::vector<double> values;
    for (const TransformAxis& axis : step.axes) {
      values.push_back(axis.fixed() ? axis.lower : point[next++]);
    }
    const std::uint64_t own = key + recipe.steps.size();  // neighbouring keys give independent numbers
    recipe.steps.push_back({step.mutator->info.name, step.mutator->info.version, step.parameters(values), own});
  }
  FAULTLINE_ASSERT(next == point.size(), "one value per axis");
  return recipe;
}

bool TransformSpace::contains(const Recipe& recipe) const {
  if (recipe.steps.size() != steps_.size()) {
    return false;
  }
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const RecipeStep& made = recipe.steps[i];
    const MutatorInfo& info = steps_[i].mutator->info;
    if (made.mutator != info.name || made.version != info.version || !steps_[i].reaches(made.values)) {
      return false;
    }
  }
  return true;
}

Tensor TransformSpace::render(const Recipe& recipe, const Tensor& input, const Bounds& bounds,
                              const Tensor& gradient) const {
  Tensor image = input;
  for (std::size_t i = 0; i < recipe.steps.size(); ++i) {
    Draws draws(recipe.steps[i].key);
    image = rendered(*steps_[i].mutator, recipe.steps[i].values, image, bounds, draws, gradient);
  }
  return image;
}

std::vector<double> TransformSpace::Step::parameters(const std::vector<double>& values) const {
  return table.empty() ? values : table.at(static_cast<std::size_t>(values.front()) - 1);
}

bool TransformSpace::Step::reaches(const std::vector<double>& parameters) const {
  if (!table.empty()) {
    return std::ranges::any_of(axes.front().values, [&](double row) { return this->parameters({row}) == parameters; });
  }
  return std::ranges::equal(axes, parameters,
                            [](const TransformAxis& axis, double value) { return axis.contains(value); });
}

}  // namespace faultline
