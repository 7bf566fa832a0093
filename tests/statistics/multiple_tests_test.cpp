#include "faultline/statistics/multiple_tests.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace faultline {
namespace {

// The example of section 3.2 of Benjamini and Hochberg, 1995: 15 comparisons of two treatments.
const std::vector<double> kPublished{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                                     0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000};

std::ptrdiff_t below(const std::vector<double>& p, double alpha) {
  return std::ranges::count_if(p, [&](double one) { return one <= alpha; });
}

TEST(MultipleTests, DecideAsInThePublishedExample) {
  EXPECT_EQ(below(benjamini_hochberg(kPublished), 0.05), 4);
  EXPECT_EQ(below(holm(kPublished), 0.05), 3);
}

TEST(MultipleTests, AgreeWithAHandComputedExample) {
  const std::vector<double> p{0.01, 0.04, 0.03, 0.02};
  const std::vector<double> by_holm = holm(p);
  const std::vector<double> by_rate = benjamini_hochberg(p);
  const std::vector<double> expected_holm{0.04, 0.06, 0.06, 0.06};
  for (std::size_t i = 0; i < p.size(); ++i) {
    EXPECT_NEAR(by_holm[i], expected_holm[i], 1e-15);
    EXPECT_NEAR(by_rate[i], 0.04, 1e-15);
  }
  EXPECT_TRUE(holm({}).empty());
}

TEST(MultipleTests, KeepTheOrderAndStayAboveTheValues) {
  EXPECT_TRUE(rc::check([] {
    std::vector<double> p;
    for (const int number : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1001))) {
      p.push_back(number / 1000.0);
    }
    const std::vector<double> by_holm = holm(p);
    const std::vector<double> by_rate = benjamini_hochberg(p);
    for (std::size_t i = 0; i < p.size(); ++i) {
      RC_ASSERT(p[i] <= by_rate[i] + 1e-15 && by_rate[i] <= by_holm[i] + 1e-15 && by_holm[i] <= 1);
      for (std::size_t j = 0; j < p.size(); ++j) {
        RC_ASSERT(p[i] > p[j] || (by_holm[i] <= by_holm[j] && by_rate[i] <= by_rate[j]));
      }
    }
  }));
}

}  // namespace
}  // namespace faultline
