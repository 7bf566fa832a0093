// JSON from outside: what is nested too deeply, and numbers that are no integers.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "faultline/data/json.h"
#include "faultline/eval/chunk_cost.h"

namespace faultline {

namespace {

std::string nested(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']');
}

TEST(JsonFromOutside, IsNestedAsDeepAsThatAndNoDeeper) {
  EXPECT_TRUE(parse_json(nested(kDeepestJson)).is_array());
  EXPECT_TRUE(parse_json(nested(kDeepestJson + 1)).is_discarded());
  EXPECT_TRUE(parse_json("[1,").is_discarded());
  EXPECT_TRUE(parse_json("").is_discarded());
  EXPECT_EQ(parse_json(R"(["[[[[\"[[["])").size(), 1U) << "brackets in a text open nothing";
  EXPECT_THROW((void)parse_json("{").at("x"), nlohmann::json::exception);
}

TEST(JsonFromOutside, IntegersAreIntegersThatFit) {
  EXPECT_EQ(integer(Json::parse("-9223372036854775808")), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(integer<std::uint64_t>(Json::parse("18446744073709551615")), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(integer<int>(Json::parse("-5")), -5);
  for (const char* text : {"1.0", "1.5", "1e300", "9223372036854775808", "true", "\"1\"", "null", "[1]"}) {
    EXPECT_THROW((void)integer(Json::parse(text)), nlohmann::json::exception) << text;
  }
  EXPECT_THROW((void)integer<std::uint64_t>(Json::parse("-1")), nlohmann::json::exception);
  EXPECT_THROW((void)integer<int>(Json::parse("2147483648")), nlohmann::json::exception);
  EXPECT_EQ(integers<int>(Json::parse("[1,2]")), (std::vector<int>{1, 2}));
  EXPECT_THROW((void)integers(Json::parse("[1,2.5]")), nlohmann::json::exception);
  EXPECT_THROW((void)integers(Json::parse("{}")), nlohmann::json::exception);
}

TEST(JsonFromOutside, NullIsNoNumber) {
  EXPECT_TRUE(std::isnan(number_or_nan(Json())));
  EXPECT_EQ(number_or_nan(Json::parse("2")), 2.0);
  EXPECT_THROW((void)number_or_nan(Json::parse("\"2\"")), nlohmann::json::exception);
}

TEST(CostLines, ReadBack) {
  const ChunkCost cost{{7, 3}, {{{40, 20, 1}, 0.25}, {{0, 0, 0}, 0}}};
  const std::string line = to_line(cost);
  EXPECT_EQ(to_line(cost_from_line(line).value()), line);
}

TEST(CostLines, WhatIsTornOrImpossibleIsNone) {
  const std::string good = R"({"first":0,"count":2,"attacks":[{"forwards":4,"backwards":2,"seconds":0.5}]})";
  ASSERT_TRUE(cost_from_line(good));
  EXPECT_FALSE(cost_from_line(good.substr(0, good.size() - 5)));
  const auto is_none = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    EXPECT_FALSE(cost_from_line(text)) << text;
  };
  is_none("\"first\":0", "\"first\":-1");
  is_none("\"first\":0", "\"first\":9223372036854775807");
  is_none("\"count\":2", "\"count\":0");
  is_none("\"count\":2", "\"count\":2.5");
  is_none("\"forwards\":4", "\"forwards\":-4");
  is_none("\"backwards\":2", "\"backwards\":4611686018427387904");
  is_none("0.5", "-0.5");
  is_none("0.5", "\"soon\"");
}

}  // namespace
}  // namespace faultline
