#include "faultline/statistics/proportion.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

namespace faultline {
namespace {

constexpr double kShareRounding = 1e-12;  // values in [0, 1] after a few dozen operations

TEST(Wilson, AgreesWithValuesFromExactArithmetic) {
  const Interval half = wilson(5, 10);  // (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n), 30 digits
  EXPECT_DOUBLE_EQ(half.value, 0.5);
  EXPECT_NEAR(half.low, 0.236593090512564, kShareRounding);
  EXPECT_NEAR(half.high, 0.763406909487436, kShareRounding);
  const Interval common = wilson(9589, 10000);
  EXPECT_NEAR(common.low, 0.954829591122884, kShareRounding);
  EXPECT_NEAR(common.high, 0.962617975172509, kShareRounding);
}

TEST(Wilson, EndsAreExactWithoutSuccessesOrFailures) {
  EXPECT_EQ(wilson(0, 10).low, 0.0);
  EXPECT_NEAR(wilson(0, 10).high, 0.277532799862889, kShareRounding);  // z^2 / (n + z^2)
  EXPECT_NEAR(wilson(10, 10).low, 0.722467200137111, kShareRounding);
  EXPECT_EQ(wilson(10, 10).high, 1.0);
  EXPECT_EQ(wilson(0, 0), (Interval{.value = 0, .low = 0, .high = 1}));
}

TEST(Wilson, EndsSolveTheScoreEquation) {
  EXPECT_TRUE(rc::check([] {
    const int n = *rc::gen::inRange(1, 100000);
    const int k = *rc::gen::inRange(0, n + 1);
    const Interval interval = wilson(k, n);
    RC_ASSERT(0 <= interval.low && interval.low <= interval.value && interval.value <= interval.high &&
              interval.high <= 1);
    for (const double end : {interval.low, interval.high}) {
      const double score = std::abs(interval.value - end);
      const double limit = 1.959963984540054 * std::sqrt(end * (1 - end) / n);
      RC_ASSERT(std::abs(score - limit) < 1e-9);
    }
  }));
}

// Newcombe, "Two-sided confidence intervals for the single proportion: comparison of seven methods", Statistics in
// Medicine 17, 1998, table I: methods 3 (score) and 5 (exact).
TEST(Proportion, AgreesWithPublishedIntervals) {
  struct Published {
    std::int64_t successes, trials;
    double score_low, score_high, exact_low, exact_high;
  };
  for (const Published& row :
       {Published{81, 263, 0.2553, 0.3662, 0.2527, 0.3676}, Published{15, 148, 0.0624, 0.1605, 0.0578, 0.1617},
        Published{0, 20, 0, 0.1611, 0, 0.1684}, Published{1, 29, 0.0061, 0.1718, 0.0009, 0.1776}}) {
    const Interval score = wilson(row.successes, row.trials);
    const Interval exact = clopper_pearson(row.successes, row.trials);
    EXPECT_NEAR(score.low, row.score_low, 5e-5) << row.successes;
    EXPECT_NEAR(score.high, row.score_high, 5e-5) << row.successes;
    EXPECT_NEAR(exact.low, row.exact_low, 5e-5) << row.successes;
    EXPECT_NEAR(exact.high, row.exact_high, 5e-5) << row.successes;
  }
}

/// P[Bin(n, p) >= k], term by term.
double at_least(int k, int n, double p) {
  double sum = 0;
  for (int i = k; i <= n; ++i) {
    sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(i + 1.0) - std::lgamma(n - i + 1.0) + i * std::log(p) +
                    (n - i) * std::log1p(-p));
  }
  return sum;
}

TEST(ClopperPearson, EndsAreWhereTheTailsAreAsLongAsTheyMayBe) {
  EXPECT_TRUE(rc::check([] {
    const int n = *rc::gen::inRange(1, 200);
    const int k = *rc::gen::inRange(0, n + 1);
    const double confidence = *rc::gen::element(0.8, 0.95, 0.999);
    const Interval exact = clopper_pearson(k, n, confidence);
    const double tail = (1 - confidence) / 2;
    const bool low_holds = k == 0 ? exact.low == 0 : std::abs(at_least(k, n, exact.low) - tail) < 1e-9;
    const bool high_holds = k == n ? exact.high == 1 : std::abs(1 - at_least(k + 1, n, exact.high) - tail) < 1e-9;
    RC_ASSERT(low_holds);
    RC_ASSERT(high_holds);
  }));
}

TEST(ClopperPearson, OfNothingIsEverything) {
  EXPECT_EQ(clopper_pearson(0, 0), (Interval{.value = 0, .low = 0, .high = 1}));
}

}  // namespace
}  // namespace faultline
