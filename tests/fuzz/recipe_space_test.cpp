// What recipes may be made of: ranges, severities and limits.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine.h"
#include "faultline/fuzz/recipe_changes.h"

namespace faultline {
namespace {

const MutatorRegistry& mutators_of_program() { return builtin_registries().mutators; }

RecipeSpace space_of(const std::vector<std::pair<std::string, int>>& names, const RecipeLimits& limits = {},
                     const std::vector<std::int64_t>& shape = {3, 32, 32}) {
  std::vector<AllowedMutator> allowed;
  for (const auto& [name, severity] : names) {
    allowed.push_back({&mutators_of_program().at(name), severity});
  }
  return {allowed, shape, limits};
}

/// All mutators of the program at their highest severities.
RecipeSpace whole_space(const RecipeLimits& limits = {}, const std::vector<std::int64_t>& shape = {3, 32, 32}) {
  std::vector<std::pair<std::string, int>> names;
  for (const MutatorRegistry::Entry& entry : mutators_of_program().entries()) {
    names.emplace_back(entry.info.name, kSeverities);
  }
  return space_of(names, limits, shape);
}

TEST(RecipeSpace, AStepIsAsSevereAsTheLowestRangesThatHoldIt) {
  const RecipeSpace space = space_of({{"rotate", 4}});
  for (int severity = 1; severity <= 4; ++severity) {
    const ParameterRange& degrees = space.ranges(0, severity)[0];
    EXPECT_EQ(space.severity({"rotate", 1, {degrees.upper}, 0}), severity);
    EXPECT_EQ(space.severity({"rotate", 1, {degrees.lower}, 0}), severity);
  }
  EXPECT_EQ(space.severity({"rotate", 1, {0}, 0}), 1) << "what changes nothing is as mild as can be";
  EXPECT_EQ(space.severity({"rotate", 1, {179}, 0}), 0) << "beyond the highest that is allowed";
  EXPECT_EQ(space.severity({"scale", 1, {1}, 0}), 0) << "not among them";
}

TEST(RecipeSpace, RangesAreNestedForEveryMutator) {
  const RecipeSpace space = whole_space();
  for (std::size_t number = 0; number < space.size(); ++number) {
    for (int severity = 2; severity <= space.most_severe(number); ++severity) {
      for (std::size_t i = 0; i < space.ranges(number, severity).size(); ++i) {
        const ParameterRange& inner = space.ranges(number, severity - 1)[i];
        const ParameterRange& outer = space.ranges(number, severity)[i];
        EXPECT_LE(outer.lower, inner.lower) << space.mutator(number).info.name;
        EXPECT_GE(outer.upper, inner.upper) << space.mutator(number).info.name;
        EXPECT_TRUE(outer.contains(outer.mildest)) << space.mutator(number).info.name;
      }
    }
  }
}

TEST(RecipeSpace, ClippingMakesAnyRecipeOneOfTheSpace) {
  const RecipeSpace space = space_of({{"rotate", 4}, {"brightness", 3}, {"jpeg", 4}}, {.steps = 3, .validity = 5});
  Recipe recipe{{{"rotate", 9, {1e9}, 1},
                 {"unknown", 1, {}, 2},
                 {"brightness", 1, {std::numeric_limits<double>::quiet_NaN()}, 3},
                 {"jpeg", 1, {}, 4},
                 {"rotate", 1, {0}, 5}}};
  space.clip(recipe);
  EXPECT_TRUE(space.contains(recipe));
  ASSERT_GE(recipe.steps.size(), 1U);
  EXPECT_EQ(recipe.steps[0].values[0], space.ranges(0, 4)[0].upper) << "moved to the end of its range";
  EXPECT_EQ(recipe.steps[0].version, 1) << "the version at hand";
  EXPECT_LE(space.severity(recipe), 5);
}

TEST(RecipeSpace, ContainsLooksAtVersionsAndSums) {
  const RecipeSpace space = space_of({{"rotate", 4}}, {.steps = 2, .validity = 4});
  const double most = space.ranges(0, 4)[0].upper;
  EXPECT_TRUE(space.contains({{{"rotate", 1, {most}, 0}}}));
  EXPECT_FALSE(space.contains({{{"rotate", 2, {most}, 0}}})) << "another version";
  EXPECT_FALSE(space.contains({{{"rotate", 1, {most}, 0}, {"rotate", 1, {1}, 0}}})) << "too severe together";
  EXPECT_FALSE(space.contains({{{"rotate", 1, {1}, 0}, {"rotate", 1, {1}, 0}, {"rotate", 1, {1}, 0}}}));
}

TEST(RecipeSpace, MutatorsThatSkipTheImageAreLeftOut) {
  EXPECT_EQ(whole_space({}, {1, 28, 28}).number_of("hue"), whole_space({}, {1, 28, 28}).size());
  EXPECT_LT(whole_space().number_of("hue"), whole_space().size());
}

TEST(RecipeChanges, StayInTheSpace) {
  const RecipeSpace space = whole_space({.steps = 4, .validity = 6});
  Draws draws(1);
  FuzzInput one{.seed = 3};
  for (int i = 0; i < 2000; ++i) {
    const FuzzInput other{.seed = 1, .recipe = random_recipe(space, draws)};
    EXPECT_TRUE(space.contains(other.recipe));
    one = changed(one, space, draws);
    ASSERT_TRUE(space.contains(one.recipe));
    EXPECT_EQ(one.seed, 3);
    const FuzzInput child = crossed(one, other, space, draws);
    ASSERT_TRUE(space.contains(child.recipe));
    EXPECT_EQ(child.seed, 3);
  }
}

TEST(RecipeChanges, ReachEveryMutatorAndNoStepAtAll) {
  const RecipeSpace space = whole_space();
  std::set<std::string> met;
  bool empty = false;
  Draws draws(2);
  FuzzInput one{};
  for (int i = 0; i < 5000; ++i) {
    one = changed(one, space, draws);
    empty = empty || one.recipe.steps.empty();
    for (const RecipeStep& step : one.recipe.steps) {
      met.insert(step.mutator);
    }
  }
  EXPECT_EQ(met.size(), space.size());
  EXPECT_TRUE(empty);
}

}  // namespace
}  // namespace faultline
