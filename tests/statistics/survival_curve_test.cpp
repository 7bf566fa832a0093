#include "faultline/statistics/survival_curve.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "report/example_curve.h"

namespace faultline {
namespace {

constexpr double kNotFound = std::numeric_limits<double>::infinity();
constexpr double kTolerance = 1e-12;  // values in [0, 1] after a few dozen operations

// Distances on a coarse grid, so that ties happen; 0 and infinity are frequent.
std::vector<double> arbitrary_distances() {
  const auto numbers = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 12));
  std::vector<double> distances;
  for (const int number : numbers) {
    distances.push_back(number >= 9 ? kNotFound : number * 0.1);
  }
  return distances;
}

TEST(Dkw, IsMassartsBound) {
  EXPECT_NEAR(dkw_half_width(1000), 0.042946940834674, kTolerance);      // sqrt(ln 40 / 2000)
  EXPECT_NEAR(dkw_half_width(200, 0.1), 0.086540919130114, kTolerance);  // sqrt(ln 20 / 400)
  EXPECT_EQ(dkw_half_width(1), 1.0);
  EXPECT_EQ(dkw_half_width(0), 1.0);
}

TEST(SurvivalCurve, AgreesWithAHandComputedExample) {
  const SurvivalCurve curve(std::vector<double>{0.3, 0, kNotFound, 0.1, 0.3});
  EXPECT_EQ(curve.samples(), 5);
  EXPECT_EQ(curve.clean_errors(), 1);
  EXPECT_EQ(curve.found(), 3);
  EXPECT_EQ(curve.not_found(), 1);
  const std::vector<SurvivalStep> steps{{0, 4}, {0.1, 3}, {0.3, 1}};
  EXPECT_EQ(curve.steps(), steps);
  EXPECT_DOUBLE_EQ(curve.value(0), 0.8);
  EXPECT_DOUBLE_EQ(curve.value(0.0999), 0.8);
  EXPECT_DOUBLE_EQ(curve.value(0.1), 0.6);  // a sample fails at its own distance
  EXPECT_DOUBLE_EQ(curve.value(1e9), 0.2);
  EXPECT_NEAR(curve.area(0.2), 0.08 + 0.06, kTolerance);
  EXPECT_NEAR(curve.area(0.5), 0.08 + 0.12 + 0.04, kTolerance);
  EXPECT_EQ(curve.area(0), 0.0);
  EXPECT_DOUBLE_EQ(curve.median().value(), 0.3);
  EXPECT_NEAR(curve.mean_found().value(), 0.7 / 3, kTolerance);
  EXPECT_EQ(curve.interval(0.1), wilson(3, 5));
}

TEST(SurvivalCurve, MedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo) {
  EXPECT_DOUBLE_EQ(SurvivalCurve(std::vector<double>{0.4, 0, 0.1, kNotFound}).median().value(), 0.25);
  EXPECT_FALSE(SurvivalCurve(std::vector<double>{0.4, kNotFound}).median().has_value());
}

TEST(SurvivalCurve, WithoutSamplesIsZero) {
  const SurvivalCurve curve(std::vector<double>{});
  EXPECT_EQ(curve.samples(), 0);
  EXPECT_EQ(curve.value(0), 0.0);
  EXPECT_EQ(curve.interval(1), (Interval{.value = 0, .low = 0, .high = 1}));
  EXPECT_EQ(curve.area(1), 0.0);
  EXPECT_FALSE(curve.median().has_value());
  EXPECT_FALSE(curve.mean_found().has_value());
}

TEST(SurvivalCurve, KnowsAllCleanErrorsAndAllRobust) {
  const SurvivalCurve broken(std::vector<double>{0, 0});
  EXPECT_EQ(broken.steps(), (std::vector<SurvivalStep>{{0, 0}}));
  EXPECT_EQ(broken.median(), 0.0);
  const SurvivalCurve robust(std::vector<double>{kNotFound, kNotFound});
  EXPECT_EQ(robust.steps(), (std::vector<SurvivalStep>{{0, 2}}));
  EXPECT_DOUBLE_EQ(robust.area(0.3), 0.3);
  EXPECT_FALSE(robust.median().has_value());
}

TEST(SurvivalCurve, RefusesDistancesThatAreNone) {
  EXPECT_THROW(SurvivalCurve(std::vector<double>{-0.1}), std::logic_error);
  EXPECT_THROW(SurvivalCurve(std::vector<double>{std::nan("")}), std::logic_error);
}

TEST(SurvivalCurve, AgreesWithCountingSamples) {
  EXPECT_TRUE(rc::check([] {
    const std::vector<double> distances = arbitrary_distances();
    const double epsilon = *rc::gen::inRange(0, 14) * 0.1;
    const SurvivalCurve curve(distances);
    const auto above = std::ranges::count_if(distances, [&](double d) { return d > epsilon; });
    RC_ASSERT(curve.survivors(epsilon) == above);
    double area = 0;
    for (const double distance : distances) {
      area += std::min(distance, epsilon);
    }
    RC_ASSERT(distances.empty() || std::abs(curve.area(epsilon) * static_cast<double>(distances.size()) - area) < 1e-9);
  }));
}

TEST(SurvivalCurve, StepsRiseInEpsilonAndFallInSurvivors) {
  EXPECT_TRUE(rc::check([] {
    const std::vector<double> distances = arbitrary_distances();
    const SurvivalCurve curve(distances);
    RC_ASSERT(curve.steps().front().epsilon == 0);
    RC_ASSERT(curve.steps().back().survivors == curve.not_found());
    for (std::size_t i = 1; i < curve.steps().size(); ++i) {
      RC_ASSERT(curve.steps()[i - 1].epsilon < curve.steps()[i].epsilon);
      RC_ASSERT(curve.steps()[i - 1].survivors > curve.steps()[i].survivors);
    }
  }));
}

TEST(SurvivalCurve, DoesNotDependOnTheOrderOfTheSamples) {
  EXPECT_TRUE(rc::check([] {
    std::vector<double> distances = arbitrary_distances();
    const SurvivalCurve curve(distances);
    std::ranges::reverse(distances);
    const SurvivalCurve reversed(distances);
    RC_ASSERT(curve.steps() == reversed.steps());
    RC_ASSERT(curve.mean_found() == reversed.mean_found());
    RC_ASSERT(curve.median() == reversed.median());
    RC_ASSERT(curve.area(0.55) == reversed.area(0.55));
  }));
}

}  // namespace
}  // namespace faultline
