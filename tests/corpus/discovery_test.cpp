// Who found a failure: what is written reads back, names follow the bytes.
#include "faultline/corpus/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "corpus/corpus_fixtures.h"
#include "faultline/corpus/finding.h"
#include "faultline/data/sha256.h"
#include "faults/data_checks.h"
#include "refusal.h"

namespace faultline {
namespace {

Discovery whole() {
  Discovery discovery = numbered_discovery(3);
  discovery.line = "release";
  discovery.seed = std::numeric_limits<std::uint64_t>::max();
  discovery.parents = {"a", "b"};
  discovery.preprocessing = {.output = "logits", .binary = true, .mean = {0.5, 0.25, 0.1}, .std = {0.2}};
  return discovery;
}

Discovery parsed(const std::string& bytes) { return parse_discovery(std::as_bytes(std::span(bytes)), "place"); }

TEST(Discovery, WhatIsWrittenReadsBack) {
  const Discovery discovery = whole();
  const Discovery read = parsed(discovery_bytes(discovery));
  EXPECT_EQ(discovery_bytes(read), discovery_bytes(discovery));
  EXPECT_EQ(read.line, "release");
  EXPECT_EQ(read.model, "first");
  EXPECT_EQ(read.classes, 10);
  EXPECT_EQ(read.data, "data");
  EXPECT_EQ(read.sample, 3);
  EXPECT_EQ(read.attack, "pgd");
  EXPECT_EQ(read.options, discovery.options);
  EXPECT_EQ(read.seed, discovery.seed);
  EXPECT_EQ(read.parents, discovery.parents);
  EXPECT_EQ(read.preprocessing, discovery.preprocessing);
  EXPECT_EQ(read.faultline, "1");
  EXPECT_EQ(read.libtorch, "2");
  EXPECT_EQ(read.clean_prediction, 3);
  EXPECT_EQ(read.clean_margin, 1.5);
  EXPECT_EQ(read.prediction, 4);
  EXPECT_EQ(read.margin, -0.25);
  EXPECT_EQ(read.confidence, 0.75);
  EXPECT_EQ(read.distance, 0.0625);
  EXPECT_EQ(read.logits, discovery.logits);
  EXPECT_EQ(read.date, discovery.date);
}

TEST(Discovery, ARecipeReadsBack) {
  Discovery discovery = whole();
  discovery.recipe = R"([{"mutator":"rotate","version":1,"parameters":{"degrees":-12.5},"key":"0000000000000007"}])";
  EXPECT_EQ(parsed(discovery_bytes(discovery)).recipe, discovery.recipe);
}

TEST(Discovery, ARecipeNestedWithoutEndIsRefused) {
  Discovery discovery = whole();
  discovery.recipe = R"(["here"])";
  std::string bytes = discovery_bytes(discovery);
  const std::string deep = std::string(50'000, '[') + std::string(50'000, ']');
  bytes.replace(bytes.find(R"("here")"), 6, deep);
  EXPECT_NE(refusal([&] { return parsed(bytes).seed; }).find("nested too deeply"), std::string::npos);
}

TEST(Discovery, TextThatIsNoUtf8IsStillWrittenAsJson) {
  Discovery discovery = whole();
  discovery.options["data"] = "caf\xe9";
  EXPECT_EQ(parsed(discovery_bytes(discovery)).options.at("data"), "caf\xef\xbf\xbd");
}

TEST(Discovery, IsOneLine) {
  const std::string bytes = discovery_bytes(whole());
  EXPECT_EQ(bytes.find('\n'), bytes.size() - 1);
}

TEST(Discovery, WhatWasSearchedMakesTheSameSearchAndFiguresDoNot) {
  const std::vector<std::function<void(Discovery&)>> figures{
      [](Discovery& other) { other.date = "2001-01-01"; }, [](Discovery& other) { other.margin = -3; },
      [](Discovery& other) { other.prediction = 9; },      [](Discovery& other) { other.faultline = "99"; },
      [](Discovery& other) { other.libtorch = "99"; },     [](Discovery& other) { other.logits.clear(); }};
  const std::vector<std::function<void(Discovery&)>> facts{
      [](Discovery& other) { other.line = "main"; },
      [](Discovery& other) { other.model = "other"; },
      [](Discovery& other) { other.data = "other"; },
      [](Discovery& other) { other.sample = 4; },
      [](Discovery& other) { other.attack = "fgsm"; },
      [](Discovery& other) { other.options["steps"] = "41"; },
      [](Discovery& other) { other.seed = 1; },
      [](Discovery& other) { other.parents.pop_back(); },
      [](Discovery& other) { other.preprocessing.mean.clear(); },
      [](Discovery& other) { other.preprocessing.output = "other"; },
  };
  for (const auto& change : figures) {
    Discovery other = whole();
    change(other);
    EXPECT_TRUE(same_search(whole(), other));
    EXPECT_NE(discovery_bytes(whole()), discovery_bytes(other));
  }
  for (const auto& change : facts) {
    Discovery other = whole();
    change(other);
    EXPECT_FALSE(same_search(whole(), other));
  }
}

TEST(Discovery, NamesFollowTheBytes) {
  const std::string bytes = discovery_bytes(whole());
  const std::string name = discovery_name(bytes);
  EXPECT_EQ(name, "found-" + sha256_of(std::as_bytes(std::span(bytes))).substr(0, 32) + ".json");
  EXPECT_NE(name, discovery_name(discovery_bytes(numbered_discovery(3))));
}

TEST(Discovery, DamageIsRefused) {
  const std::string bytes = discovery_bytes(whole());
  for (std::size_t length = 0; length + 1 < bytes.size(); ++length) {
    expect_refusal([&] { (void)parsed(bytes.substr(0, length)); }, {"place: "});
  }
  expect_refusal([] { (void)parsed("[]"); }, {"place: ", "schema"});
  expect_refusal([] { (void)parsed(R"({"schema":"faultline.found/2"})"); }, {"place: ", "schema"});
  expect_refusal([] { (void)parsed(R"({"schema":"faultline.found/1","line":3})"); }, {"place: ", "wrong type"});
  expect_refusal([&] { (void)parsed(bytes + std::string(256UL * 1024, ' ')); }, {"place: ", "larger"});
}

TEST(Discovery, FiguresThatAreNotFiniteAreWrittenSoThatTheyAreRead) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kMost = std::numeric_limits<double>::max();
  Discovery discovery = whole();
  discovery.clean_margin = kInfinity;
  discovery.margin = -kInfinity;
  discovery.confidence = std::numeric_limits<double>::quiet_NaN();
  discovery.distance = kInfinity;
  discovery.logits = {{4, kInfinity}, {3, -kInfinity}};
  discovery.preprocessing.mean = {kInfinity};
  const Discovery read = parsed(discovery_bytes(discovery));
  EXPECT_EQ(read.clean_margin, kMost);
  EXPECT_EQ(read.margin, -kMost);
  EXPECT_EQ(read.confidence, 0);
  EXPECT_EQ(read.distance, kMost);
  EXPECT_EQ(read.logits, (std::vector<std::pair<std::int64_t, double>>{{4, kMost}, {3, -kMost}}));
  EXPECT_EQ(read.preprocessing.mean, std::vector<double>{kMost});
}

TEST(Discovery, ControlCharactersAreRefusedInEveryText) {
  Discovery marked = whole();
  for (std::string* text : {&marked.line, &marked.model, &marked.preprocessing.output, &marked.data, &marked.attack,
                            &marked.parents[1], &marked.faultline, &marked.libtorch, &marked.date}) {
    *text = "MARK";
  }
  marked.options = {{"name", "MARK"}, {"MARK", "value"}};
  const std::string bytes = discovery_bytes(marked);
  std::size_t fields = 0;
  for (std::size_t place = bytes.find("MARK"); place != std::string::npos; place = bytes.find("MARK", place + 1)) {
    ++fields;
    for (const std::string control :
         {"\\u001b[2J", "\\u0000", "\\n", "\\t", "\\u007F", "\x7f", "\\u009b", "\xc2\x9b"}) {
      std::string hostile = bytes;
      hostile.replace(place, 4, control);
      expect_refusal([&] { (void)parsed(hostile); }, {"place: ", "control character"});
    }
    for (const std::string plain : {"\\\\n", "\\\"", "\\/", "\\u00e9", "\xc3\x9b", "\xc2\xa0"}) {
      std::string harmless = bytes;
      harmless.replace(place, 4, plain);
      EXPECT_NO_THROW((void)parsed(harmless)) << plain;
    }
  }
  EXPECT_EQ(fields, 11U);
}

TEST(Discovery, ControlCharactersAreNotWritten) {
  Discovery discovery = whole();
  discovery.options["name"] = "a\x1b[2J\n\\n\x7f\xc2\x9b\xc3\xa9";
  const std::string mark = "\xef\xbf\xbd";
  EXPECT_EQ(parsed(discovery_bytes(discovery)).options.at("name"),
            "a" + mark + "[2J" + mark + "\\n" + mark + mark + "\xc3\xa9");
}

TEST(Discovery, SignatureNamesOracleClassesSourceAndNorm) {
  const Failure linf{.label = 3, .budget = Budget{Norm::kLinf, 0.1}};
  const Failure l2{.label = 3, .budget = Budget{Norm::kL2, 0.1}};
  EXPECT_EQ(signature_of(linf, whole()), "misclassification 3>4 pgd linf");
  EXPECT_EQ(signature_of(l2, whole()), "misclassification 3>4 pgd l2");
  EXPECT_EQ(signature_of({.label = 3}, whole()), "misclassification 3>4 pgd");
}

TEST(Discovery, TheFirstIsTheEarliestAndOfOneDayTheFirstAsGiven) {
  std::vector<Discovery> discoveries(4, whole());
  discoveries[0].date = "2024-05-01";
  discoveries[1].date = discoveries[2].date = "2023-01-01";
  discoveries[3].date = "2023-12-31";
  EXPECT_EQ(&first_of(discoveries), &discoveries[1]);
  const std::vector<Discovery> none;
  EXPECT_EQ(first_of(none).sample, -1);
}

TEST(Discovery, TheDayCanBeGiven) {
  const FixedDay day;
  EXPECT_EQ(today(), "2023-11-14");
}

}  // namespace
}  // namespace faultline
