#include "faultline/statistics/calibration.h"

#include <gtest/gtest.h>

#include <vector>

namespace faultline {
namespace {

TEST(Calibration, IsTheMeanDistanceOfConfidenceAndAccuracyOverBins) {
  Calibration calibration;
  EXPECT_EQ(calibration.error(), 0) << "without predictions";
  // Bins of a fifteenth: 0.95 and 0.97 share the last one, 0.5 has one of its own.
  calibration.add(0.95, true);
  calibration.add(0.97, false);
  calibration.add(0.5, true);
  calibration.add(0.5, true);
  EXPECT_NEAR(calibration.error(), 0.5 * (0.96 - 0.5) + 0.5 * (1 - 0.5), 1e-9);
}

TEST(Calibration, OfPartsIsThatOfTheWhole) {
  Calibration whole;
  Calibration first;
  Calibration second;
  for (int i = 0; i < 100; ++i) {
    const double confidence = 0.3 + 0.007 * i;
    whole.add(confidence, i % 3 == 0);
    (i < 40 ? first : second).add(confidence, i % 3 == 0);
  }
  second.add(first);
  EXPECT_EQ(second.error(), whole.error());
}

TEST(Calibration, HasAnIntervalThatNarrowsWithTheSamples) {
  std::vector<Prediction> predictions;
  const auto width = [&] {
    const Interval interval = calibration_error(predictions);
    EXPECT_LE(interval.low, interval.value);
    EXPECT_LE(interval.value, interval.high);
    return interval.high - interval.low;
  };
  for (int i = 0; i < 100; ++i) {
    predictions.push_back({.confidence = 0.9, .right = i % 2 == 0});
  }
  // One bin: |0.9 - share right|, whose deviation is that of a share of 100.
  EXPECT_NEAR(calibration_error(predictions).value, 0.4, 1e-9);
  const double narrow = width();
  EXPECT_NEAR(narrow, 2 * 1.96 * 0.05, 0.03);
  const std::vector<Prediction> once = predictions;
  for (int copy = 0; copy < 3; ++copy) {
    predictions.insert(predictions.end(), once.begin(), once.end());
  }
  EXPECT_NEAR(width(), narrow / 2, 0.02);
}

}  // namespace
}  // namespace faultline
