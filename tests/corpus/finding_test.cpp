// What defines a failure: one text, one id, and nothing else is read as a finding.
#include "faultline/corpus/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "corpus/corpus_fixtures.h"
#include "faultline/data/safetensors.h"
#include "faultline/data/sha256.h"
#include "faults/data_checks.h"

namespace faultline {
namespace {

Bytes bytes_of_text(const std::string& text) { return std::as_bytes(std::span(text)); }

Failure facts() { return {.label = 7, .budget = Budget{Norm::kL2, 1.25}, .bounds = {-1, 2}}; }

Tensor clean() { return at::arange(6, at::kFloat).view({2, 3}) / 8; }

Tensor witness() { return clean() + 0.25; }

Finding parsed(const Finding& finding) {
  const std::string entry = entry_bytes(finding.failure);
  const std::string tensors = witness_bytes(finding);
  return parse_finding(finding.id, bytes_of_text(entry), bytes_of_text(tensors), "place");
}

/// An entry of that text, under its own hash, must be refused.
void expect_entry_refused(const std::string& entry, const std::vector<std::string>& words) {
  const std::string tensors = witness_bytes(make_finding(facts(), clean(), witness()));
  const std::string id = sha256_of(bytes_of_text(entry));
  expect_refusal([&] { (void)parse_finding(id, bytes_of_text(entry), bytes_of_text(tensors), "place"); }, words);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  return text.replace(place, from.size(), to);
}

TEST(Finding, SameFactsGiveTheSameBytesAndId) {
  const Finding first = make_finding(facts(), clean(), witness());
  // Another memory layout, another type: the values are what counts.
  const Finding second = make_finding(facts(), clean().t().contiguous().t(), witness().to(at::kDouble));
  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(entry_bytes(first.failure), entry_bytes(second.failure));
  EXPECT_EQ(witness_bytes(first), witness_bytes(second));
  EXPECT_TRUE(is_id(first.id));
}

TEST(Finding, BytesAreThoseOfTheFormat) {
  const Finding finding = make_finding(facts(), clean(), witness());
  EXPECT_EQ(entry_bytes(finding.failure),
            R"({"schema":"faultline.finding/1","oracle":{"name":"misclassification"},)"
            R"("label":{"value":7,"source":"data set"},"threat":{"norm":"l2","epsilon":1.25},)"
            R"("bounds":{"lower":-1.0,"upper":2.0},"shape":[2,3],"clean":")" +
                finding.failure.clean + R"(","witness":")" + finding.failure.witness + "\"}\n");
}

TEST(Finding, EveryFactCountsForTheId) {
  const std::vector<std::function<void(Failure&)>> changes{[](Failure& failure) { failure.oracle = "other"; },
                                                           [](Failure& failure) { failure.target = 3; },
                                                           [](Failure& failure) { failure.label = 8; },
                                                           [](Failure& failure) { failure.label_source = "hand"; },
                                                           [](Failure& failure) { failure.budget.reset(); },
                                                           [](Failure& failure) { failure.budget->norm = Norm::kL1; },
                                                           [](Failure& failure) { failure.budget->epsilon = 1.5; },
                                                           [](Failure& failure) { failure.bounds.lower = -2; },
                                                           [](Failure& failure) { failure.bounds.upper = 3; }};
  std::set<std::string> ids{make_finding(facts(), clean(), witness()).id};
  for (const auto& change : changes) {
    Failure failure = facts();
    change(failure);
    ids.insert(make_finding(failure, clean(), witness()).id);
  }
  ids.insert(make_finding(facts(), clean() + 0.125, witness()).id);
  ids.insert(make_finding(facts(), clean(), witness() + 0.125).id);
  ids.insert(make_finding(facts(), clean().view({3, 2}), witness().view({3, 2})).id);
  EXPECT_EQ(ids.size(), changes.size() + 4);
}

TEST(Finding, WhatIsWrittenReadsBack) {
  std::vector<Failure> variants(4, facts());
  variants[1].budget.reset();
  variants[2].target = 3;
  // A number whose shortest text is long, and one with an exponent.
  variants[3].budget->epsilon = 0.1 + 0.2 + 1;
  variants[3].bounds.lower = -1e-9;
  for (const Failure& failure : variants) {
    const Finding finding = make_finding(failure, clean(), witness());
    const Finding read = parsed(finding);
    EXPECT_EQ(read.id, finding.id);
    EXPECT_EQ(entry_bytes(read.failure), entry_bytes(finding.failure));
    EXPECT_TRUE(read.clean.equal(finding.clean));
    EXPECT_TRUE(read.witness.equal(finding.witness));
    EXPECT_EQ(read.failure.budget, failure.budget);
    EXPECT_EQ(read.failure.target, failure.target);
  }
}

TEST(Finding, TakesTheTensorsOfItsHashesOnly) {
  const Finding whole = make_finding(facts(), clean(), witness());
  Finding bare{.id = whole.id, .failure = whole.failure};
  EXPECT_FALSE(bare.has_tensors());
  EXPECT_TRUE(is_clean_input(bare.failure, clean()));
  EXPECT_FALSE(is_clean_input(bare.failure, witness()));
  EXPECT_FALSE(take_tensors(bare, clean(), witness() + 1e-6));
  EXPECT_FALSE(take_tensors(bare, witness(), witness()));
  EXPECT_FALSE(take_tensors(bare, clean().view({3, 2}), witness().view({3, 2})));
  EXPECT_FALSE(bare.has_tensors());
  EXPECT_TRUE(take_tensors(bare, clean(), witness()));
  EXPECT_EQ(witness_bytes(bare), witness_bytes(whole));
}

TEST(Finding, AnInputOfOneNumberReadsBack) {
  for (const Norm norm : all_norms()) {
    const Finding finding =
        make_finding({.budget = Budget{norm, 1}}, at::scalar_tensor(0.25, at::kFloat), at::scalar_tensor(0.5));
    EXPECT_EQ(parsed(finding).id, finding.id);
  }
}

TEST(Finding, AnAlteredEntryIsRefused) {
  const Finding finding = make_finding(facts(), clean(), witness());
  const std::string entry = replaced(entry_bytes(finding.failure), "\"value\":7", "\"value\":8");
  const std::string tensors = witness_bytes(finding);
  expect_refusal([&] { (void)parse_finding(finding.id, bytes_of_text(entry), bytes_of_text(tensors), "place"); },
                 {"place: ", "altered", "entry.json"});
}

TEST(Finding, AnAlteredWitnessIsRefused) {
  const Finding finding = make_finding(facts(), clean(), witness());
  const std::string entry = entry_bytes(finding.failure);
  const std::string sound = witness_bytes(finding);
  for (std::size_t i = sound.size() - 48; i < sound.size(); ++i) {
    std::string tensors = sound;
    tensors[i] = static_cast<char>(tensors[i] ^ 1);
    expect_refusal([&] { (void)parse_finding(finding.id, bytes_of_text(entry), bytes_of_text(tensors), "place"); },
                   {"place: ", "altered"});
  }
  const Finding swapped = make_finding(facts(), witness(), clean());
  const std::string others = witness_bytes(swapped);
  expect_refusal([&] { (void)parse_finding(finding.id, bytes_of_text(entry), bytes_of_text(others), "place"); },
                 {"place: ", "altered"});
}

TEST(Finding, AWitnessFileThatIsNotAsOneIsWrittenIsRefused) {
  const Finding finding = make_finding(facts(), clean(), witness());
  const std::string entry = entry_bytes(finding.failure);
  const std::map<std::string, Tensor> both{{"clean", clean()}, {"witness", witness()}};
  std::map<std::string, Tensor> three = both;
  three["third"] = clean();
  std::string spaced = witness_bytes(finding);  // the same tensors under a header that is padded further
  spaced[0] = static_cast<char>(spaced[0] + 8);
  spaced.insert(spaced.rfind('}') + 1, 8, ' ');
  for (const std::string& tensors :
       {safetensors_bytes(both, {{"format", "pt"}}), safetensors_bytes(three, {}), spaced}) {
    expect_refusal([&] { (void)parse_finding(finding.id, bytes_of_text(entry), bytes_of_text(tensors), "place"); },
                   {"place: ", "altered"});
  }
}

TEST(Finding, ControlCharactersAreRefused) {
  for (const char* text : {"a\nb", "\x1b[2J", "\x7f", "\xc2\x9b"}) {
    Failure failure = facts();
    failure.oracle = text;
    expect_entry_refused(entry_bytes(make_finding(failure, clean(), witness()).failure), {"place: ", "control"});
    failure = facts();
    failure.label_source = text;
    expect_entry_refused(entry_bytes(make_finding(failure, clean(), witness()).failure), {"place: ", "control"});
  }
  Failure failure = facts();
  failure.label_source = "caf\xc3\xa9 \"by hand\"";
  EXPECT_EQ(parsed(make_finding(failure, clean(), witness())).failure.label_source, failure.label_source);
}

TEST(Finding, TensorsOfAnotherTypeOrShapeAreRefused) {
  const Finding finding = make_finding(facts(), clean(), witness());
  const std::string entry = entry_bytes(finding.failure);
  for (const auto& tensors : {std::map<std::string, Tensor>{{"clean", clean().to(at::kDouble)}, {"witness", witness()}},
                              std::map<std::string, Tensor>{{"clean", clean()}, {"witness", witness().view({3, 2})}},
                              std::map<std::string, Tensor>{{"clean", clean()}, {"other", witness()}}}) {
    const std::string bytes = safetensors_bytes(tensors, {});
    expect_refusal([&] { (void)parse_finding(finding.id, bytes_of_text(entry), bytes_of_text(bytes), "place"); },
                   {"place", "tensor"});
  }
}

TEST(Finding, AnotherIdIsRefused) {
  const Finding finding = make_finding(facts(), clean(), witness());
  const std::string entry = entry_bytes(finding.failure);
  const std::string tensors = witness_bytes(finding);
  const std::string other = make_finding(facts(), clean(), witness() + 0.125).id;
  expect_refusal([&] { (void)parse_finding(other, bytes_of_text(entry), bytes_of_text(tensors), "place"); },
                 {"place: ", "altered"});
}

TEST(Finding, OnlyTheCanonicalTextIsRead) {
  const std::string entry = entry_bytes(make_finding(facts(), clean(), witness()).failure);
  const std::vector<std::string> edited{"place: ", "edited"};
  expect_entry_refused(entry.substr(0, entry.size() - 1), edited);
  expect_entry_refused(entry + "\n", edited);
  expect_entry_refused(" " + entry, edited);
  expect_entry_refused(replaced(entry, "1.25", "1.250"), edited);
  expect_entry_refused(replaced(entry, "2.0", "2"), edited);
  expect_entry_refused(replaced(entry, "misclass", "\\u006disclass"), edited);
  expect_entry_refused(replaced(entry, "\"shape\":[2,3]", "\"shape\":[2,3],\"extra\":1"), edited);
  expect_entry_refused(replaced(entry, "{\"schema\"", "{\"label\":{\"value\":1,\"source\":\"\"},\"schema\""), edited);
}

TEST(Finding, FactsThatMakeNoSenseAreRefused) {
  const std::string entry = entry_bytes(make_finding(facts(), clean(), witness()).failure);
  const std::vector<std::string> words{"place: "};
  expect_entry_refused(replaced(entry, "1.25", "-1.25"), words);
  expect_entry_refused(replaced(entry, "\"value\":7", "\"value\":-7"), words);
  expect_entry_refused(replaced(entry, "\"value\":7", "\"value\":1e300"), words);
  expect_entry_refused(replaced(entry, "\"value\":7", "\"value\":18446744073709551615"), words);
  expect_entry_refused(replaced(entry, "\"value\":7", "\"value\":\"7\""), words);
  expect_entry_refused(replaced(entry, "-1.0", "2.0"), words);
  expect_entry_refused(replaced(entry, "faultline.finding/1", "faultline.finding/2"), {"place: ", "schema"});
  expect_entry_refused(replaced(entry, "\"l2\"", "\"l7\""), {"place: ", "l7"});
  expect_entry_refused(replaced(entry, "{\"norm\":\"l2\",\"epsilon\":1.25}", "[]"), words);
  expect_entry_refused(replaced(entry, "\"bounds\"", "\"bonds\""), {"place: ", "field"});
}

}  // namespace
}  // namespace faultline
