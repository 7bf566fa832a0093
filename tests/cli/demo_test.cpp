// The demonstration, as a newcomer runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/workshop.h"
#include "faultline/core/split.h"

namespace faultline {

namespace {

/// The first attack that the demonstration prints finds what the demonstration has filed, and nothing else.
void expect_reproduced(const Workshop& shop, const std::string& text) {
  const std::string begin = "  faultline attack ";
  const std::vector<std::string> lines = lines_of(text);
  const auto line =
      std::ranges::find_if(lines, [&](const std::string& one) { return one.compare(0, begin.size(), begin) == 0; });
  ASSERT_NE(line, lines.end());
  std::vector<std::string> words = split(line->substr(2), ' ');
  words.erase(words.begin());
  words.emplace_back("--json");
  const Json corpus = expect_document(shop.run(words))["corpus"];
  EXPECT_EQ(corpus["added"], 0);
  EXPECT_GT(corpus["known"], 100);
}

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
  expect_reproduced(shop, result.out);
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
