// Numbers, norms and names as users write them.
#include "faultline/core/number.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <limits>

#include "faultline/core/error.h"
#include "faultline/core/norm.h"
#include "faultline/core/suggest.h"
#include "refusal.h"

namespace faultline {
namespace {

TEST(Number, ReadsDecimalsAndQuotients) {
  EXPECT_EQ(parse_number("0.1", "--epsilon"), 0.1);
  EXPECT_EQ(parse_number("+.5", "--epsilon"), 0.5);
  EXPECT_EQ(parse_number("-1e-3", "--epsilon"), -1e-3);
  EXPECT_EQ(parse_number("8/255", "--epsilon"), 8.0 / 255);
  EXPECT_EQ(parse_number("1e1/-4", "--epsilon"), -2.5);
}

TEST(Number, RefusesWhatIsNoFiniteNumber) {
  for (const char* text : {"",     " 1",       "1 ",    "1,5",   "abc",          "0x10",  "nan",   "inf",
                           "-inf", "infinity", "1e400", "1/0",   "0/0",          "1/inf", "1/nan", "inf/inf",
                           "/",    "1/",       "/2",    "1/2/3", "1e308/1e-308", "+-1",   "++1",   "1/+-2"}) {
    const std::string message = refusal([&] { return parse_number(text, "--epsilon"); });
    EXPECT_EQ(message, "--epsilon: expected a finite number such as 0.1 or 8/255, got '" + std::string(text) + "'");
  }
}

TEST(Number, ReadsIntegers) {
  EXPECT_EQ(parse_integer("-3", "--seed"), -3);
  EXPECT_EQ(parse_integer("+3", "--seed"), 3);
  EXPECT_EQ(parse_integer("9223372036854775807", "--seed"), std::numeric_limits<long long>::max());
  for (const char* text : {"", "1.0", "1e3", "9223372036854775808", "4/2", "x", "+-1", " 1"}) {
    EXPECT_EQ(refusal([&] { return parse_integer(text, "--seed"); }),
              "--seed: expected an integer, got '" + std::string(text) + "'");
  }
}

TEST(Number, ShortestReadsBackAsTheSameBits) {
  EXPECT_TRUE(rc::check("round trip", [] {
    const auto value = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
    RC_PRE(std::isfinite(value));
    RC_ASSERT(std::bit_cast<std::uint64_t>(parse_number(shortest(value), "x")) == std::bit_cast<std::uint64_t>(value));
  }));
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(40), "40");
  EXPECT_EQ(shortest(-std::numeric_limits<double>::max()), "-1.7976931348623157e+308");
  EXPECT_EQ(parse_number(shortest(std::numeric_limits<double>::denorm_min()), "x"),
            std::numeric_limits<double>::denorm_min());
}

TEST(Norm, NamesReadBackInAnyCase) {
  for (const Norm norm : all_norms()) {
    EXPECT_EQ(parse_norm(name_of(norm)), norm);
  }
  EXPECT_EQ(parse_norm("LINF"), Norm::kLinf);
  EXPECT_EQ(refusal([] { return parse_norm("lnf"); }), "--norm: unknown norm 'lnf'; did you mean 'linf'?");
  EXPECT_EQ(refusal([] { return parse_norm("manhattan"); }),
            "--norm: unknown norm 'manhattan'; known: l0, l1, l2, linf");
}

TEST(Suggestion, IsTheNearestName) {
  const std::vector<std::string> names{"fgsm", "pgd", "noise"};
  EXPECT_EQ(did_you_mean("pdg", names), "; did you mean 'pgd'?");
  EXPECT_EQ(did_you_mean("noize", names), "; did you mean 'noise'?");
  EXPECT_EQ(did_you_mean("fgms", names), "; did you mean 'fgsm'?");
  EXPECT_EQ(did_you_mean("onsie", names), "; did you mean 'noise'?") << "swapped neighbours cost 1";
  EXPECT_EQ(did_you_mean("square-attack", names), "; known: fgsm, pgd, noise");
  EXPECT_EQ(did_you_mean("x", {}), "");
}

TEST(Suggestion, NeverReplacesAWholeWord) {
  EXPECT_EQ(did_you_mean("", {"l0", "l1"}), "; known: l0, l1");
  EXPECT_EQ(did_you_mean("x", {"l0", "l1"}), "; known: l0, l1");
  EXPECT_EQ(did_you_mean("ab", {"l0", "l1"}), "; known: l0, l1");
  EXPECT_EQ(did_you_mean("l3", {"l0", "inf"}), "; did you mean 'l0'?");
  EXPECT_EQ(did_you_mean("l3", {"l0", "l1"}), "; known: l0, l1") << "a guess among equals is none";
}

TEST(ErrorMessage, IsOneLineWithoutControlCharacters) {
  const Error error(ErrorCode::kUsage, "a\nb\r\nc\x1b[31md\te");
  EXPECT_STREQ(error.what(), "a b  c [31md e");
}

}  // namespace
}  // namespace faultline
