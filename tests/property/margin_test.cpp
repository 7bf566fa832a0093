#include "faultline/core/margin.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "property/cases.h"

namespace faultline {
namespace {

Tensor logits_of(std::initializer_list<float> values) {
  return at::tensor(std::vector<float>(values), at::kFloat).unsqueeze(0);
}

Tensor classes_of(std::initializer_list<std::int64_t> values) {
  return at::tensor(std::vector<std::int64_t>(values), at::kLong);
}

TEST(Margin, IsOwnMinusBestOther) {
  EXPECT_TRUE(rc::check("margin equals a loop", [] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    const auto rows = *rc::gen::inRange<std::int64_t>(1, 6);
    const auto classes = *rc::gen::inRange<std::int64_t>(2, 11);
    const Tensor logits = uniform_tensor(random, {rows, classes}, -30, 30);
    Tensor labels = at::empty({rows}, at::kLong);
    for (std::int64_t n = 0; n < rows; ++n) {
      labels[n] = std::uniform_int_distribution<std::int64_t>(0, classes - 1)(random);
    }
    const Tensor margins = margin(logits, labels);
    for (std::int64_t n = 0; n < rows; ++n) {
      float best = -INFINITY;
      for (std::int64_t k = 0; k < classes; ++k) {
        if (k != labels[n].item<std::int64_t>()) {
          best = std::max(best, logits[n][k].item<float>());
        }
      }
      RC_ASSERT(margins[n].item<float>() == logits[n][labels[n].item<std::int64_t>()].item<float>() - best);
    }
  }));
}

TEST(Margin, IsZeroWhenTheLabelTiesWithAnother) {
  EXPECT_EQ(margin(logits_of({1, 3, 3}), classes_of({1})).item<float>(), 0);
  EXPECT_EQ(margin(logits_of({1, 3, 3}), classes_of({2})).item<float>(), 0);
  EXPECT_EQ(margin(logits_of({1, 3, 3}), classes_of({0})).item<float>(), -2);
}

TEST(Margin, TauIsRelativeToTheLargestLogitAndNeverBelowItsFloor) {
  EXPECT_EQ(tau(logits_of({0, 0})).item<float>(), 0x1p-16F);
  EXPECT_EQ(tau(logits_of({0.5F, -1})).item<float>(), 0x1p-16F);
  EXPECT_EQ(tau(logits_of({3, -8})).item<float>(), 0x1p-13F);
  EXPECT_EQ(tau(at::cat({logits_of({3, -8}), logits_of({1, 1})})).size(0), 2);
}

TEST(Margin, GoalMarginIsNegativeWhereTheAttackerWins) {
  const Tensor logits = at::cat({logits_of({5, 2, 1}), logits_of({1, 2, 5})});
  const Tensor labels = classes_of({0, 0});
  EXPECT_TRUE(goal_margin(logits, labels, ThreatModel{}).equal(at::tensor({3.0F, -4.0F})));
  ThreatModel aimed;
  aimed.targets = classes_of({2, 2});
  EXPECT_TRUE(goal_margin(logits, labels, aimed).equal(at::tensor({4.0F, -3.0F})));
}

}  // namespace
}  // namespace faultline
