// The interval of mean accuracy under corruptions treats all cells of a sample as one cluster.
#include <gtest/gtest.h>

#include "faultline/eval/corruption_run.h"

namespace faultline {
namespace {

/// Of 200 samples under two corruptions that count; `right` says under how many of its 10 cells a sample is right.
template <typename Right>
CorruptionResult result_of(Right&& right) {
  CorruptionResult result;
  result.rows.resize(3);
  result.rows[2].corruption.extra = true;
  for (int sample = 0; sample < 200; ++sample) {
    result.right_cells.push_back(right(sample));
  }
  return result;
}

TEST(CorruptionInterval, OfCellsThatAgreeIsThatOfSoManySamples) {
  const Interval interval = result_of([](int sample) { return sample % 2 == 0 ? 10 : 0; }).mean_accuracy();
  const Interval share = wilson(100, 200);
  EXPECT_DOUBLE_EQ(interval.value, 0.5);
  EXPECT_NEAR(interval.low, share.low, 0.01);
  EXPECT_NEAR(interval.high, share.high, 0.01);
}

TEST(CorruptionInterval, OfOneSampleSaysNextToNothing) {
  CorruptionResult result;
  result.rows.resize(1);
  result.right_cells = {5};
  const Interval interval = result.mean_accuracy();
  EXPECT_EQ(interval.value, 1);
  EXPECT_LT(interval.low, 0.5);
}

TEST(CorruptionInterval, OfCellsThatDoNotIsNarrower) {
  const Interval interval = result_of([](int sample) { return 4 + sample % 3; }).mean_accuracy();
  EXPECT_NEAR(interval.value, 0.5, 0.001);
  const Interval share = wilson(100, 200);
  EXPECT_LT(interval.high - interval.low, (share.high - share.low) / 2);
  EXPECT_GT(interval.high - interval.low, 0);
}

}  // namespace
}  // namespace faultline
