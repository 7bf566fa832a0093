// Spaces of transforms and grids over them, and what the verifier says of recipes.
#include "faultline/core/transform_space.h"

#include <gtest/gtest.h>

#include <set>

#include "engine.h"
#include "faultline/core/error.h"
#include "faultline/core/transform_grid.h"
#include "faultline/core/verifier.h"
#include "faultline/targets/fakes.h"
#include "refusal.h"

namespace faultline {
namespace {

const MutatorRegistry::Entry& mutator(const std::string& name) { return builtin_registries().mutators.at(name); }

TransformAxis interval(const std::string& name, double lower, double upper, double mildest = 0) {
  return {.name = name, .lower = lower, .upper = upper, .mildest = mildest};
}

TransformSpace translation(double pixels) {
  TransformSpace space;
  space.add(mutator("translate"),
            {interval("translate.dx", -pixels, pixels), interval("translate.dy", -pixels, pixels)});
  return space;
}

TransformSpace rotation(double degrees) {
  TransformSpace space;
  space.add(mutator("rotate"), {interval("rotate.degrees", -degrees, degrees)});
  return space;
}

TEST(TransformGridValues, HoldWholeUnitsWhereTheyFit) {
  EXPECT_EQ(values_on(interval("", -3, 3), 11), (std::vector<double>{-3, -2, -1, 0, 1, 2, 3}));
  EXPECT_EQ(values_on(interval("", -1, 1), 5), (std::vector<double>{-1, -0.5, 0, 0.5, 1}));
  EXPECT_EQ(values_on(interval("", 0, 0.5), 3), (std::vector<double>{0, 0.25, 0.5}));
  EXPECT_EQ(values_on(interval("", -0.5, 0.5), 4), (std::vector<double>{-0.5, 0, 0.5})) << "0 is on it";
  EXPECT_EQ(values_on(interval("", 2, 2), 9), (std::vector<double>{2}));
}

TEST(TransformGridValues, StayInsideWhateverRoundingDoes) {
  for (int i = 1; i < 2000; ++i) {
    const TransformAxis axis = interval("", -i / 997.0, i / 499.0);
    for (const double value : values_on(axis, 2 + i % 13)) {
      EXPECT_TRUE(axis.contains(value)) << i;
    }
  }
}

TEST(TransformGridValues, OfAListAreSpreadOverIt) {
  const TransformAxis axis{.lower = 1, .upper = 5, .values = {1, 2, 3, 4, 5}};
  EXPECT_EQ(values_on(axis, 3), (std::vector<double>{1, 3, 5}));
  EXPECT_EQ(values_on(axis, 9), axis.values);
}

TEST(TransformGrid, CostsNoMoreThanItsQueries) {
  for (const std::int64_t queries : {4, 9, 10, 48, 49, 121, 1000}) {
    const TransformGrid grid = grid_over(translation(3), queries);
    EXPECT_LE(static_cast<std::int64_t>(grid.points.size()), queries);
    EXPECT_EQ(std::set(grid.points.begin(), grid.points.end()).size(), grid.points.size()) << "no point twice";
  }
  EXPECT_EQ(grid_over(translation(3), 121).points.size(), 49U);
}

TEST(TransformGrid, BeginsWithTheMildest) {
  const TransformGrid grid = grid_over(rotation(10), 21);
  ASSERT_EQ(grid.points.size(), 21U);
  EXPECT_EQ(grid.points.front(), std::vector<double>{0});
  EXPECT_EQ(std::abs(grid.points.back().front()), 10);
  EXPECT_EQ(std::abs(grid.points[1].front()), 1);
}

TEST(TransformGrid, TriesSeveralKeysWhereTransformsAreRandom) {
  TransformSpace space;
  space.add(mutator("gaussian-noise"), {interval("gaussian-noise.sd", 0, 0.1)});
  const TransformGrid grid = grid_over(space, 121);
  EXPECT_GE(grid.draws, 11);
  EXPECT_LE(static_cast<std::int64_t>(grid.points.size()) * grid.draws, 121);
}

TEST(TransformGrid, RefusesTooFewQueries) {
  EXPECT_EQ(refusal([] { return grid_over(translation(3), 3); }),
            "a grid over 2 parameters needs more than 3 queries; raise queries=, or use search=random or search=local");
}

TEST(TransformSpace, HoldsItsRecipesAndNoOthers) {
  const TransformSpace space = rotation(30);
  const Recipe recipe = space.recipe(std::vector{12.5}, 7);
  EXPECT_TRUE(space.contains(recipe));
  EXPECT_FALSE(rotation(12).contains(recipe));
  EXPECT_FALSE(translation(30).contains(recipe));
  EXPECT_FALSE(space.contains({}));
  Recipe older = recipe;
  older.steps.front().version += 1;
  EXPECT_FALSE(space.contains(older));
  EXPECT_TRUE(space.narrowed("rotate.degrees", {12.5}).contains(recipe));
  EXPECT_FALSE(space.narrowed("rotate.degrees", {-12.5, 12}).contains(recipe));
}

TEST(TransformSpace, OfATableHoldsItsRows) {
  TransformSpace space;
  space.add(mutator("gaussian-noise"), "gaussian_noise.severity", {{0.04}, {0.08}});
  ASSERT_EQ(space.axes().size(), 1U);
  EXPECT_EQ(space.recipe(std::vector{2.0}, 1).steps.front().values, std::vector{0.08});
  EXPECT_TRUE(space.contains(space.recipe(std::vector{1.0}, 1)));
  EXPECT_FALSE(space.contains({{{.mutator = "gaussian-noise", .version = 1, .values = {0.05}, .key = 1}}}));
}

TEST(TransformSpace, RendersStepsOneAfterAnother) {
  TransformSpace space = translation(2);
  space.add(mutator("flip"), {{.name = "flip.axis"}});
  const Tensor picture = at::zeros({1, 3, 3}, at::kFloat);
  picture[0][1][1] = 1;
  const Tensor after = space.render(space.recipe(std::vector{1.0, 0.0}, 0), picture, {});
  EXPECT_EQ(after[0][1][0].item<float>(), 1) << "moved to the right, then mirrored";
  EXPECT_EQ(after.sum().item<float>(), 1);
}

/// A picture in the middle of class 1's side, with a recipe that moves it there.
struct Claim {
  Batch batch{};
  TransformSpace space = translation(1);
  Recipe recipe = space.recipe(std::vector{1.0, 0.0}, 0);
  Tensor candidate{};

  Claim() {
    const Tensor picture = at::zeros({1, 1, 1, 2}, at::kFloat);
    picture[0][0][0][0] = 1;
    batch = {picture, at::zeros({1}, at::kLong), identify(picture, 0), {}};
    candidate = space.render(recipe, picture[0], {}).unsqueeze(0);
  }

  [[nodiscard]] Judgement judged() const {
    LinearTarget target(at::eye(2, at::kFloat), at::zeros({2}, at::kFloat));
    const GoalJudge judge(batch.labels, {});
    const Bounds bounds{};
    return verify(target, target, {batch, bounds, space, judge, {}}, at::tensor({0}, at::kLong), candidate, {recipe},
                  Norm::kLinf)
        .front()
        .judgement;
  }
};

TEST(VerifierOfTransforms, AcceptsWhatTheRecipeRenders) { EXPECT_EQ(Claim().judged(), Judgement::kAccepted); }

TEST(VerifierOfTransforms, RejectsAnythingElse) {
  Claim nudged;
  nudged.candidate = nudged.candidate * 0.999F;
  EXPECT_EQ(nudged.judged(), Judgement::kRejected) << "not what the recipe renders";
  Claim unmoved;
  unmoved.candidate = unmoved.batch.inputs;
  unmoved.recipe = unmoved.space.recipe(std::vector{0.0, 0.0}, 0);
  EXPECT_EQ(unmoved.judged(), Judgement::kRejected) << "rendered, but right";
  Claim outside;
  outside.space = translation(0.5);
  EXPECT_EQ(outside.judged(), Judgement::kRejected) << "a recipe beyond the space";
}

}  // namespace
}  // namespace faultline
