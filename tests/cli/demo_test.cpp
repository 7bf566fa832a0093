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
                             testing::HasSubstr("faultline attack "), testing::HasSubstr("demo/curve.svg")));
  EXPECT_EQ(root_of(shop / "demo/curve.svg"), "svg\n");
}

}  // namespace

}  // namespace faultline
