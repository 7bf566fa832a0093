// Curves of a real model: one search, however it is asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/workshop.h"

namespace faultline {

namespace {

const std::string kData = FAULTLINE_TEST_DATA;

Json measure(const std::string& command, const std::vector<std::string>& more) {
  std::vector<std::string> arguments{
      command, kData + "/mnist_wk17a.pt", "--data", "mnist:" + kData, "--limit", "200", "--norm", "linf", "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return expect_document(run_program(arguments));
}

Json point_at(const Json& curve, double epsilon) {
  for (const Json& point : curve["points"]) {
    if (point["epsilon"] == epsilon) {
      return point;
    }
  }
  ADD_FAILURE() << "no point at " << epsilon;
  return {};
}

TEST(Curve, FallsFromTheCleanAccuracyAndAgreesWithItselfAndWithAttack) {
  const Json curve = measure("curve", {});
  EXPECT_EQ(curve["verification"]["rejected"], 0);
  double before = curve["clean_accuracy"]["value"];
  ASSERT_GE(curve["points"].size(), 5U);
  for (const Json& point : curve["points"]) {
    EXPECT_LE(point["robust_accuracy"]["value"], before);
    before = point["robust_accuracy"]["value"];
    EXPECT_EQ(point["errors"], std::lround(200 * (1 - before)));
  }
  const Json here = point_at(curve, 0.1);
  const Json probed = measure("curve", {"--at", "0.1"});
  ASSERT_EQ(probed["points"].size(), 1U);
  EXPECT_EQ(point_at(probed, 0.1), here);
  const int attacked = measure("attack", {"--epsilon", "0.1"})["adversarial_errors"];
  EXPECT_GE(here["errors"].get<int>(), attacked - 3);
  EXPECT_GT(attacked, curve["clean_errors"].get<int>());
}

}  // namespace

}  // namespace faultline
