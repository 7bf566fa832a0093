// The demonstration, as a newcomer runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/workshop.h"

namespace faultline {

namespace {

TEST(Demo, DrawsBothCurves) {
  const Workshop shop;
  const ProgramResult result = shop.run({"demo", "--out", "demo"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out,
              testing::AllOf(testing::HasSubstr("The standard model is right on"),
                             testing::HasSubstr("The robustly trained model is right on"),
                             testing::HasSubstr("faultline attack "), testing::HasSubstr("faultline fuzz "),
                             testing::HasSubstr("Everyday changes"), testing::HasSubstr("found on the other model"),
                             testing::HasSubstr("faultline replay "), testing::HasSubstr("demo/curve.svg")));
  EXPECT_EQ(root_of(shop / "demo/curve.svg"), "svg\n");
  expect_refused(shop.run({"demo", "--out", "demo"}), {"--out", "'demo'", "not empty"});
}

TEST(Demo, WritesIntoItsOwnFolderAgainAndSpeaksOfNoResuming) {
  const Workshop shop;
  write_text(shop / "faultline-demo/curve.svg", "an earlier picture");
  const ProgramResult stopped = shop.run({"demo"}, {.out = shop / "printed", .interrupt_when = shop / "printed"});
  EXPECT_EQ(stopped.exit_code, 2) << stopped.err;
  EXPECT_THAT(stopped.err, testing::HasSubstr("interrupted"));
  EXPECT_THAT(stopped.err, testing::Not(testing::AnyOf(testing::HasSubstr("--resume"), testing::HasSubstr("--out"))));
}

}  // namespace

}  // namespace faultline
