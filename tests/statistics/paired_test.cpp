#include "faultline/statistics/paired.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <vector>

namespace faultline {
namespace {

constexpr double kProbabilityRounding = 1e-12;

/// The sum of binomial coefficients over 2^n, term by term.
double mcnemar_by_hand(std::int64_t broken, std::int64_t mended) {
  const std::int64_t n = broken + mended;
  double term = std::pow(0.5, static_cast<double>(n));
  double sum = term;
  for (std::int64_t k = 1; k <= std::min(broken, mended); ++k) {
    term *= static_cast<double>(n - k + 1) / static_cast<double>(k);
    sum += term;
  }
  return std::min(1.0, 2 * sum);
}

PairedCounts arbitrary_counts() {
  const std::int64_t broken = *rc::gen::inRange(0, 60);
  const std::int64_t mended = *rc::gen::inRange(0, 60);
  return {.samples = broken + mended + *rc::gen::inRange(0, 500), .broken = broken, .mended = mended};
}

// Fagerland, Lydersen and Laake, "Recommended tests and confidence intervals for paired binomial proportions",
// Statistics in Medicine 33, 2014: 21 children, 1 changes one way and 7 the other.
TEST(Paired, AgreesWithAPublishedExample) {
  const PairedCounts counts{.samples = 21, .broken = 1, .mended = 7};
  EXPECT_NEAR(mcnemar(counts), 0.0703, 5e-5);
  const Interval drop = paired_drop(counts);
  EXPECT_NEAR(drop.value, -0.286, 5e-4);
  EXPECT_NEAR(drop.low, -0.508, 5e-4);
  EXPECT_NEAR(drop.high, -0.013, 5e-4);
}

TEST(McNemar, EqualsTheSumOfCoefficients) {
  EXPECT_TRUE(rc::check([] {
    const PairedCounts counts = arbitrary_counts();
    RC_ASSERT(std::abs(mcnemar(counts) - mcnemar_by_hand(counts.broken, counts.mended)) < kProbabilityRounding);
  }));
}

TEST(McNemar, OfEqualCountsIsOne) {
  EXPECT_EQ(mcnemar({.samples = 100}), 1);
  EXPECT_EQ(mcnemar_worse({.samples = 100}), 1);
  EXPECT_EQ(mcnemar({.samples = 100, .broken = 7, .mended = 7}), 1);
}

TEST(McNemar, NeedsFiveBrokenSamplesForOneSideAndSixForTwo) {
  EXPECT_GT(mcnemar_worse({.samples = 100, .broken = 4}), 0.05);
  EXPECT_LT(mcnemar_worse({.samples = 100, .broken = 5}), 0.05);
  EXPECT_GT(mcnemar({.samples = 100, .broken = 5}), 0.05);
  EXPECT_LT(mcnemar({.samples = 100, .broken = 6}), 0.05);
  EXPECT_EQ(mcnemar_worse({.samples = 100, .mended = 6}), 1);
}

TEST(PairedDrop, CoversTheDifferenceAndTurnsRoundWithTheModels) {
  EXPECT_TRUE(rc::check([] {
    const PairedCounts counts = arbitrary_counts();
    RC_PRE(counts.samples > 0);
    const Interval drop = paired_drop(counts);
    const Interval rise = paired_drop({.samples = counts.samples, .broken = counts.mended, .mended = counts.broken});
    RC_ASSERT(-1 <= drop.low && drop.low <= drop.value && drop.value <= drop.high && drop.high <= 1);
    RC_ASSERT(std::abs(drop.low + rise.high) < kProbabilityRounding &&
              std::abs(drop.value + rise.value) < kProbabilityRounding);
  }));
}

TEST(NonInferiority, IsKeptBrokenOrOpen) {
  EXPECT_EQ(non_inferiority({.samples = 1000, .broken = 10, .mended = 10}, 0.02).certainty, Certainty::kKept);
  EXPECT_EQ(non_inferiority({.samples = 1000, .broken = 90, .mended = 10}, 0.02).certainty, Certainty::kBroken);
  EXPECT_EQ(non_inferiority({.samples = 100, .broken = 1, .mended = 0}, 0.02).certainty, Certainty::kInconclusive);
  const NonInferiority never = non_inferiority({.samples = 100, .broken = 2, .mended = 0}, 0.02);
  EXPECT_EQ(never.certainty, Certainty::kInconclusive);
  EXPECT_FALSE(never.more_samples) << "the difference is the margin";
  EXPECT_FALSE(non_inferiority({}, 0.02).more_samples);
}

TEST(NonInferiority, TheSamplesAskedForDecide) {
  EXPECT_TRUE(rc::check([] {
    const PairedCounts counts = arbitrary_counts();
    const double margin = *rc::gen::inRange(0, 30) / 100.0;
    const NonInferiority open = non_inferiority(counts, margin);
    RC_PRE(open.more_samples.has_value() && counts.broken + counts.mended >= 5);
    // As many more in the same shares, and some for the rounding of shares and the interval's small correction.
    const double more = 1.3 * static_cast<double>(counts.samples + *open.more_samples) + 1000;
    const double factor = more / static_cast<double>(counts.samples);
    PairedCounts later{.broken = std::llround(static_cast<double>(counts.broken) * factor),
                       .mended = std::llround(static_cast<double>(counts.mended) * factor)};
    later.samples =
        std::max<std::int64_t>(later.broken + later.mended, std::llround(static_cast<double>(counts.samples) * factor));
    RC_ASSERT(non_inferiority(later, margin).certainty != Certainty::kInconclusive);
  }));
}

}  // namespace
}  // namespace faultline
