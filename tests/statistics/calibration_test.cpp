#include "faultline/statistics/calibration.h"

#include <gtest/gtest.h>

#include <random>
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

/// Predictions whose accuracy is so much below their confidence.
std::vector<Prediction> predictions_of(std::mt19937_64& random, int count, double gap) {
  std::vector<Prediction> predictions;
  for (int i = 0; i < count; ++i) {
    const double confidence = 0.5 + 0.49 * static_cast<double>(random() % 1000) / 1000;
    predictions.push_back({confidence, static_cast<double>(random() % 10000) / 10000 < confidence - gap});
  }
  return predictions;
}

TEST(Calibration, HasAnIntervalThatCoversTheTruth) {
  std::mt19937_64 random(1);
  for (const double gap : {0.0, 0.1, 0.3}) {
    constexpr int kRepetitions = 40;
    int covered = 0;
    for (int repetition = 0; repetition < kRepetitions; ++repetition) {
      const Interval interval = calibration_error(predictions_of(random, 200, gap));
      EXPECT_LE(interval.low, interval.value);
      EXPECT_LE(interval.value, interval.high);
      covered += interval.low <= gap && gap <= interval.high ? 1 : 0;
    }
    EXPECT_GE(covered, kRepetitions * 85 / 100) << "gap " << gap << ", 95 % are meant";
  }
}

TEST(Calibration, HasAnIntervalThatNarrowsWithTheSamples) {
  std::mt19937_64 random(2);
  const auto width = [&](int count) {
    const Interval interval = calibration_error(predictions_of(random, count, 0.3));
    return interval.high - interval.low;
  };
  EXPECT_LT(width(1600), 0.5 * width(100));
}

}  // namespace
}  // namespace faultline
