#include "faultline/report/axis.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <string>
#include <vector>

namespace faultline {
namespace {

std::string labels_to(double maximum, int most) {
  std::string labels;
  for (const Tick& tick : ticks_to(maximum, most)) {
    labels += (labels.empty() ? "" : " ") + tick.label;
  }
  return labels;
}

TEST(NiceStep, IsOneTwoOrFiveTimesAPowerOfTen) {
  EXPECT_DOUBLE_EQ(nice_step(1), 1);
  EXPECT_DOUBLE_EQ(nice_step(1.01), 2);
  EXPECT_DOUBLE_EQ(nice_step(0.03), 0.05);
  EXPECT_DOUBLE_EQ(nice_step(0.0051), 0.01);
  EXPECT_DOUBLE_EQ(nice_step(0.1 + 0.1 + 0.1 - 0.1), 0.2);  // a rounding error above 0.2 does not make it 0.5
}

TEST(Ticks, AreRoundAndOfOneFormat) {
  EXPECT_EQ(labels_to(0.3, 6), "0 0.05 0.10 0.15 0.20 0.25 0.30");
  EXPECT_EQ(labels_to(0.002, 4), "0 0.0005 0.0010 0.0015 0.0020");
  EXPECT_EQ(labels_to(300, 6), "0 50 100 150 200 250 300");
  EXPECT_EQ(labels_to(0.031, 4), "0 0.01 0.02 0.03");
  EXPECT_EQ(labels_to(1, 10), "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0");
  EXPECT_EQ(labels_to(3e-7, 3), "0 1e-07 2e-07 3e-07");
  EXPECT_EQ(labels_to(2e7, 2), "0 1e+07 2e+07");
}

TEST(Ticks, StayInsideTheAxisAndAreFew) {
  EXPECT_TRUE(rc::check([] {
    const double maximum = std::pow(10.0, *rc::gen::inRange(-300, 301) / 10.0);
    const int most = *rc::gen::inRange(1, 20);
    const std::vector<Tick> ticks = ticks_to(maximum, most);
    RC_ASSERT(ticks.front().value == 0);
    RC_ASSERT(ticks.size() <= static_cast<std::size_t>(most) + 1);
    RC_ASSERT(ticks.back().value <= maximum * (1 + 1e-9));
    RC_ASSERT(most < 3 || ticks.size() >= 2);
    const double end = rounded_up(maximum, most);
    RC_ASSERT(end >= maximum * (1 - 1e-9) && ticks_to(end, most).back().value > end * (1 - 1e-9));
  }));
}

TEST(Percent, HasOneDecimalAtMost) {
  EXPECT_EQ(percent(0.9811), "98.1 %");
  EXPECT_EQ(percent(1), "100 %");
  EXPECT_EQ(percent(0), "0 %");
}

}  // namespace
}  // namespace faultline
