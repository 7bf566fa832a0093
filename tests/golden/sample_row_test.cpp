// Lines of samples.jsonl that hold what JSON has no number for.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "faultline/core/error.h"
#include "faultline/eval/sample_row.h"
#include "refusal.h"

namespace faultline {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

SampleRow found_row() {
  SampleRow row{.id = {3, 7}, .label = 2, .status = SampleRow::Status::kFound, .attack = 0};
  row.clean.right = true;
  row.witness = "abc";
  return row;
}

TEST(SampleRowLine, OutputsThatAreNotFiniteReadBack) {
  SampleRow row = found_row();
  row.oracle = {"non-finite", "vote"};
  row.verdict = {Judgement::kAccepted, 1, -1, kNan, kNoDistance, {{1, kNan}, {0, 2.5}}};
  const SampleRow read = from_line(to_line(row));
  EXPECT_TRUE(std::isnan(read.verdict.confidence));
  EXPECT_TRUE(std::isnan(read.verdict.distance));
  EXPECT_TRUE(std::isnan(read.verdict.highest.at(0).second));
  EXPECT_EQ(read.verdict.highest.at(1), (std::pair<std::int64_t, double>{0, 2.5}));
  EXPECT_EQ(read.oracle, row.oracle);
  EXPECT_EQ(to_line(read), to_line(row));
}

TEST(SampleRowLine, NestedWithoutEndIsRefused) {
  SampleRow row = found_row();
  row.recipe = Json::array({"here"});
  std::string line = to_line(row);
  line.replace(line.find("\"here\""), 6, std::string(100'000, '[') + std::string(100'000, ']'));
  EXPECT_EQ(refusal([&] { return from_line(line).label; }), "samples.jsonl: a line is no sample row");
}

}  // namespace
}  // namespace faultline
