#include "faultline/statistics/bootstrap.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

namespace faultline {
namespace {

Interval mean_of(const std::vector<double>& values, const BootstrapOptions& options = {}) {
  return bootstrap(
      values.size(),
      [&](std::span<const std::size_t> drawn) {
        double sum = 0;
        for (const std::size_t number : drawn) {
          sum += values[number];
        }
        return sum / static_cast<double>(drawn.size());
      },
      options);
}

TEST(Bootstrap, IsNearTheNormalIntervalOfAMean) {
  std::vector<double> values(400);
  std::iota(values.begin(), values.end(), 0.0);  // mean 199.5, deviation 115.47, of the mean 5.77
  const Interval interval = mean_of(values);
  EXPECT_DOUBLE_EQ(interval.value, 199.5);
  EXPECT_NEAR(interval.low, 199.5 - 1.96 * 5.77, 1);
  EXPECT_NEAR(interval.high, 199.5 + 1.96 * 5.77, 1);
  EXPECT_EQ(mean_of(values), interval) << "the same seed gives the same interval";
  EXPECT_NE(mean_of(values, {.seed = 1}), interval);
  EXPECT_LT(interval.low, mean_of(values, {.confidence = 0.5}).low);
}

TEST(Bootstrap, CoversTheTruthInAsManyRepetitionsAsItSays) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  int covered = 0;
  constexpr int kRepetitions = 400;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    std::vector<double> values(60);
    std::ranges::generate(values, [&] { return normal(random); });
    const Interval interval = mean_of(values, {.resamples = 500});
    covered += interval.low <= 0 && 0 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(covered, 360);  // 95 % is 380, its deviation 4.4; percentile intervals are somewhat too narrow
  EXPECT_LE(covered, 395);
}

TEST(Bootstrap, OfNothingAndOfOneIsTheFigureItself) {
  EXPECT_EQ(mean_of({3}), (Interval{.value = 3, .low = 3, .high = 3}));
  const Interval none = bootstrap(0, [](std::span<const std::size_t> drawn) { return drawn.empty() ? 7.0 : 8.0; });
  EXPECT_EQ(none, (Interval{.value = 7, .low = 7, .high = 7}));
}

TEST(MeanOfClusters, CoversTheTruthOfFewClustersNearOne) {
  std::mt19937_64 random(1);
  int covered = 0;
  constexpr int kRepetitions = 200;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    std::vector<double> shares;
    for (int cluster = 0; cluster < 30; ++cluster) {
      shares.push_back(random() % 100 < 97 ? 1 : 0);
    }
    const Interval interval = mean_of_clusters(shares);
    covered += interval.low <= 0.97 && 0.97 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(covered, kRepetitions * 95 / 100) << "percentiles alone cover half of them";
}

}  // namespace
}  // namespace faultline
