#include "faultline/fuzz/recipe_changes.h"

#include <algorithm>

namespace faultline {

namespace {

std::uint64_t drawn_key(Draws& draws) {
  const std::uint64_t high = draws.word();
  return (high << 32) | draws.word();
}

int place_among(const std::vector<RecipeStep>& steps, Draws& draws) {
  return draws.below(static_cast<int>(steps.size()));
}

/// Uniform in the range, now and then one of its ends: blind spots and overflows live there.
double drawn_value_in(const ParameterRange& range, Draws& draws) {
  constexpr float kEnds = 0.2F;
  if (draws.uniform() < kEnds) {
    return draws.sign() < 0 ? range.lower : range.upper;
  }
  return range.nearest(draws.between(range.lower, range.upper + (range.integer ? 0.999 : 0)));
}

RecipeStep random_step(const RecipeSpace& space, int left, Draws& draws) {
  const auto number = static_cast<std::size_t>(draws.below(static_cast<int>(space.size())));
  const MutatorRegistry::Entry& mutator = space.mutator(number);
  RecipeStep step{.mutator = mutator.info.name, .version = mutator.info.version};
  const int severity = 1 + draws.below(std::clamp(left, 1, space.most_severe(number)));
  for (const ParameterRange& range : space.ranges(number, severity)) {
    step.values.push_back(drawn_value_in(range, draws));
  }
  step.key = drawn_key(draws);
  return step;
}

void move_parameter(RecipeStep& step, const RecipeSpace& space, Draws& draws) {
  const std::size_t number = space.number_of(step.mutator);
  if (step.values.empty()) {
    return;
  }
  const auto place = static_cast<std::size_t>(draws.below(static_cast<int>(step.values.size())));
  const ParameterRange& widest = space.ranges(number, space.most_severe(number))[place];
  constexpr float kJumps = 0.3F;
  if (draws.uniform() < kJumps) {
    step.values[place] = drawn_value_in(widest, draws);
    return;
  }
  // Steps of all sizes: from a fifth of the range down to a thousandth.
  constexpr std::array<double, 4> kShares{0.2, 0.05, 0.01, 0.001};
  const double share = kShares.at(static_cast<std::size_t>(draws.below(4)));
  const double distance = std::max(share * (widest.upper - widest.lower), widest.integer ? 1.0 : 0.0);
  step.values[place] = widest.nearest(step.values[place] + distance * static_cast<double>(draws.normal()));
}

void change_once(Recipe& recipe, const RecipeSpace& space, Draws& draws) {
  std::vector<RecipeStep>& steps = recipe.steps;
  const int dice = draws.below(100);
  if (steps.empty() || dice < 15) {
    const int place = draws.below(static_cast<int>(steps.size()) + 1);
    const int left = space.limits().validity - space.severity(recipe);
    steps.insert(steps.begin() + place, random_step(space, left, draws));
  } else if (dice < 60) {
    move_parameter(steps[static_cast<std::size_t>(place_among(steps, draws))], space, draws);
  } else if (dice < 72) {
    steps.erase(steps.begin() + place_among(steps, draws));
  } else if (dice < 82) {
    steps[static_cast<std::size_t>(place_among(steps, draws))].key = drawn_key(draws);
  } else if (dice < 92) {
    RecipeStep& step = steps[static_cast<std::size_t>(place_among(steps, draws))];
    step = random_step(space, space.severity(step), draws);
  } else {
    const int from = place_among(steps, draws);
    std::swap(steps[static_cast<std::size_t>(from)], steps[static_cast<std::size_t>(place_among(steps, draws))]);
  }
}

}  // namespace

Recipe random_recipe(const RecipeSpace& space, Draws& draws) {
  Recipe recipe;
  const int count = 1 + draws.below(3);
  for (int i = 0; i < count; ++i) {
    const int left = space.limits().validity - space.severity(recipe);
    recipe.steps.push_back(random_step(space, left, draws));
    space.clip(recipe);
  }
  return recipe;
}

FuzzInput changed(const FuzzInput& parent, const RecipeSpace& space, Draws& draws) {
  FuzzInput child = parent;
  const int count = 1 + draws.below(3);
  for (int i = 0; i < count; ++i) {
    change_once(child.recipe, space, draws);
    space.clip(child.recipe);
  }
  return child;
}

FuzzInput crossed(const FuzzInput& first, const FuzzInput& second, const RecipeSpace& space, Draws& draws) {
  FuzzInput child{.seed = first.seed};
  for (const FuzzInput* parent : {&first, &second}) {
    for (const RecipeStep& step : parent->recipe.steps) {
      if (draws.sign() > 0) {
        child.recipe.steps.push_back(step);
      }
    }
  }
  if (child.recipe.steps.size() > 1 && draws.sign() > 0) {
    std::swap(child.recipe.steps.front(), child.recipe.steps.back());
  }
  space.clip(child.recipe);
  return child;
}

}  // namespace faultline
