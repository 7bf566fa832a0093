// Who found a failure: what is written reads back, names follow the bytes.
#include "faultline/corpus/discovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "corpus/corpus_fixtures.h"
#include "faultline/data/sha256.h"
#include "faults/data_checks.h"

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

TEST(Discovery, SignatureNamesOracleClassesAndSource) {
  EXPECT_EQ(signature_of("misclassification", 3, whole()), "misclassification 3>4 pgd");
}

TEST(Discovery, TheDayCanBeGiven) {
  const FixedDay day;
  EXPECT_EQ(today(), "2023-11-14");
}

}  // namespace
}  // namespace faultline
