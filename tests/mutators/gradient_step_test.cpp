// The step along a model's gradient.
#include "faultline/mutators/gradient_step.h"

#include <gtest/gtest.h>

#include "mutators/pictures.h"

namespace faultline {
namespace {

TEST(GradientStep, GoesUpWhereTheGradientRises) {
  const Tensor picture = at::full({1, 1, 4}, 0.5, at::kFloat);
  const Tensor gradient = at::tensor({2.0F, -0.001F, 0.0F, 1e30F}).view({1, 1, 4});
  Draws draws(0);
  const Tensor after =
      rendered(builtin_mutators().at("gradient-step"), std::vector{0.125}, picture, {}, draws, gradient);
  EXPECT_TRUE(after.equal(at::tensor({0.625F, 0.375F, 0.5F, 0.625F}).view({1, 1, 4}))) << after;
}

TEST(GradientStep, IsAShareOfTheRange) {
  const Tensor picture = at::full({1, 1, 1}, 1.0, at::kFloat);
  Draws draws(0);
  const Tensor after = rendered(builtin_mutators().at("gradient-step"), std::vector{0.25}, picture, Bounds{-1, 3},
                                draws, at::ones({1, 1, 1}, at::kFloat));
  EXPECT_EQ(after.item<float>(), 2);
}

TEST(GradientStep, LeavesAnImageAloneWhenNobodyAskedAModel) {
  const Tensor picture = cifar(0);
  const Tensor before = picture.clone();
  Draws draws(0);
  EXPECT_EQ(gradient_step(image_of(picture), {.size = 0.5}, draws), Mutation::kSkipped);
  EXPECT_TRUE(picture.equal(before));
}

}  // namespace
}  // namespace faultline
