// What --json prints: one document with every field, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/workshop.h"

namespace faultline {

namespace {

/// A path in a document and what must be there: string, integer, number, list, share (value, low, high in order).
struct Field {
  const char* path;
  const char* type;
};

bool is_share(const Json& json) {
  return json.is_object() && json.size() == 3 && json["low"].is_number() && json["low"] <= json["value"] &&
         json["value"] <= json["high"] && json["low"] >= 0 && json["high"] <= 1;
}

bool has_type(const Json& json, const std::string& type) {
  return (type == "string" && json.is_string() && !json.get<std::string>().empty()) ||
         (type == "integer" && json.is_number_unsigned()) || (type == "number" && json.is_number()) ||
         (type == "list" && json.is_array()) || (type == "object" && json.is_object()) ||
         (type == "share" && is_share(json));
}

void expect_fields(const Json& document, const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    const Json::json_pointer place(field.path);
    ASSERT_TRUE(document.contains(place)) << field.path;
    EXPECT_TRUE(has_type(document[place], field.type)) << field.path << " is " << document[place];
  }
}

const std::vector<Field> kShared{{"/schema", "string"},
                                 {"/faultline", "string"},
                                 {"/model/path", "string"},
                                 {"/model/sha256", "string"},
                                 {"/model/backend", "string"},
                                 {"/data/source", "string"},
                                 {"/data/samples", "integer"},
                                 {"/data/sha256", "string"},
                                 {"/seed", "integer"},
                                 {"/threat/norm", "string"},
                                 {"/threat/epsilon", "number"},
                                 {"/threat/lower", "number"},
                                 {"/threat/upper", "number"},
                                 {"/threat/goal", "string"},
                                 {"/samples", "integer"},
                                 {"/clean_errors", "integer"},
                                 {"/adversarial_errors", "integer"},
                                 {"/not_attempted", "integer"},
                                 {"/clean_accuracy", "share"},
                                 {"/robust_accuracy", "share"},
                                 {"/attacks", "list"},
                                 {"/attacks/0/name", "string"},
                                 {"/attacks/0/options", "object"},
                                 {"/attacks/0/attempted", "integer"},
                                 {"/attacks/0/found", "integer"},
                                 {"/attacks/0/forwards", "integer"},
                                 {"/attacks/0/backwards", "integer"},
                                 {"/attacks/0/seconds", "number"},
                                 {"/verification/checked", "integer"},
                                 {"/verification/accepted", "integer"},
                                 {"/verification/rejected", "integer"},
                                 {"/verification/near_ties", "integer"},
                                 {"/warnings", "list"}};

TEST(Document, AttackHasEveryField) {
  const Workshop shop;
  const ProgramResult result = shop.attack(
      {.epsilon = "27/100", .more = {"--json", "--seed", "7", "--attack", "fgsm", "--attack", "noise:draws=3"}});
  EXPECT_EQ(result.err, "");
  const Json document = expect_document(result);
  expect_fields(document, kShared);
  EXPECT_EQ(document["schema"], "faultline.attack/1");
  EXPECT_EQ(document["model"]["path"], "model.pt");
  EXPECT_EQ(document["model"]["sha256"].get<std::string>().size(), 64U);
  EXPECT_EQ(document["data"]["source"], "npy:x.npy,y.npy");
  EXPECT_EQ(document["seed"], 7);
  EXPECT_EQ(document["threat"],
            (Json{{"norm", "linf"}, {"epsilon", 0.27}, {"lower", 0.0}, {"upper", 1.0}, {"goal", "untargeted"}}));
  EXPECT_EQ(document["samples"], 24);
  EXPECT_EQ(document["clean_accuracy"]["value"], 1);
  const int found = document["attacks"][0]["found"].get<int>() + document["attacks"][1]["found"].get<int>();
  EXPECT_EQ(document["adversarial_errors"], found);
  EXPECT_GT(found, 0);
  EXPECT_EQ(document["attacks"][1]["attempted"], 24 - document["attacks"][0]["found"].get<int>());
  EXPECT_EQ(document["attacks"][1]["options"]["draws"], 3);
  EXPECT_EQ(document["attacks"][0]["forwards"], document["attacks"][0]["backwards"].get<int>() * 2);
  EXPECT_EQ(document["verification"]["rejected"], 0);
  EXPECT_EQ(document["verification"]["accepted"], found);
}

TEST(Document, TargetedRunsCountWhatTheyDoNotAttempt) {
  const Workshop shop;
  const Json document = expect_document(shop.attack({.epsilon = "0.5", .more = {"--json", "--targeted", "1"}}));
  EXPECT_EQ(document["threat"]["goal"], "1");
  EXPECT_EQ(document["not_attempted"], 8);
  EXPECT_THAT(shop.attack({.epsilon = "0.5", .more = {"--targeted", "1"}}).out,
              testing::HasSubstr("8 samples not attempted: already of class 1; they count as right\n"));
  EXPECT_THAT(shop.attack({}).out, testing::Not(testing::HasSubstr("not attempted")));
  EXPECT_EQ(document["attacks"][0]["attempted"], 16);
  EXPECT_EQ(expect_document(shop.attack({.more = {"--json", "--targeted", "least-likely"}}))["threat"]["goal"],
            "least-likely");
}

TEST(Document, CurveHasEveryField) {
  const Workshop shop;
  const Json document = expect_document(shop.curve({.more = {"--json"}}));
  expect_fields(document, kShared);
  expect_fields(document, {{"/points", "list"},
                           {"/points/0/epsilon", "number"},
                           {"/points/0/errors", "integer"},
                           {"/points/0/robust_accuracy", "share"},
                           {"/band/half_width", "number"},
                           {"/distances/median", "number"},
                           {"/distances/mean", "number"},
                           {"/distances/found", "integer"},
                           {"/distances/not_found", "integer"},
                           {"/area/value", "number"},
                           {"/area/epsilon_max", "number"}});
  EXPECT_EQ(document["schema"], "faultline.curve/1");
  EXPECT_EQ(document["distances"]["found"], 24);
  // The nearest other class of every sample is between 0.24 and 0.3 away; a distance is settled within 2 %.
  EXPECT_GE(document["distances"]["median"], 0.24);
  EXPECT_LE(document["distances"]["median"], 0.3);
  EXPECT_NEAR(document["area"]["value"].get<double>(), document["distances"]["mean"].get<double>(), 1e-9);
}

TEST(Document, WhatAModelPrintsIsNotPartOfIt) {
  const Workshop shop;
  const std::string model = shop.model("talks.pt", "print('hello')\nreturn x[:, 0:3] * 4.0");
  const ProgramResult result = shop.attack({.model = model, .more = {"--json"}});
  EXPECT_EQ(expect_document(result)["samples"], 24);
  EXPECT_THAT(result.err, testing::StartsWith("hello\n"));
}

TEST(Document, DistancesOfNothingFoundAreNull) {
  const Workshop shop;
  const Json document = expect_document(shop.curve({.more = {"--json", "--epsilon-max", "0.1", "--at", "0.05,0.1"}}));
  EXPECT_TRUE(document["distances"]["median"].is_null());
  EXPECT_TRUE(document["distances"]["mean"].is_null());
  EXPECT_EQ(document["distances"]["not_found"], 24);
  EXPECT_EQ(document["points"].size(), 2U);
}

TEST(Document, ListsNameEverything) {
  const Workshop shop;
  const Json attacks = expect_document(shop.run({"list", "attacks", "--json"}));
  ASSERT_EQ(attacks.size(), 1U);
  std::vector<std::string> names;
  for (const Json& attack : attacks["attacks"]) {
    expect_fields(attack, {{"/name", "string"},
                           {"/kind", "string"},
                           {"/knowledge", "string"},
                           {"/norms", "list"},
                           {"/summary", "string"},
                           {"/cost", "string"},
                           {"/options", "list"}});
    names.push_back(attack["name"]);
    for (const Json& option : attack["options"]) {
      expect_fields(option, {{"/name", "string"},
                             {"/type", "string"},
                             {"/default", "string"},
                             {"/range", "string"},
                             {"/help", "string"}});
    }
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"pgd", "apgd", "apgd-t", "fgsm", "mifgsm", "noise"}));
  names.clear();
  const Json data = expect_document(shop.run({"list", "data", "--json"}));
  for (const Json& kind : data["data"]) {
    names.push_back(kind["name"]);
  }
  EXPECT_THAT(names, testing::UnorderedElementsAre("mnist", "idx", "cifar10", "npy", "npz", "safetensors", "images",
                                                   "cifar10c", "imagenetc"));
  EXPECT_EQ(expect_document(shop.run({"list", "--json"})).size(), 5U);
}

TEST(Document, ListsPresets) {
  const Workshop shop;
  const Json presets = expect_document(shop.run({"list", "presets", "--json"}))["presets"];
  std::vector<std::string> names;
  for (const Json& preset : presets) {
    names.push_back(preset["name"]);
    expect_fields(preset, {{"/name", "string"},
                           {"/version", "number"},
                           {"/summary", "string"},
                           {"/cost", "string"},
                           {"/strength", "string"},
                           {"/attacks/linf/0", "string"}});
  }
  EXPECT_THAT(names, testing::ElementsAre("fast", "thorough", "autoattack-standard", "rand"));
  EXPECT_EQ(presets[2]["attacks"]["l1"][0], "apgd:restarts=5,variant=published");
  // What it prints can be written.
  std::vector<std::string> flags{"--json"};
  for (const std::string spec : presets[0]["attacks"]["linf"]) {
    flags.insert(flags.end(), {"--attack", spec});
  }
  const Json by_name = expect_document(shop.attack({.more = {"--preset", "fast@1", "--json"}}));
  const Json by_hand = expect_document(shop.attack({.more = flags}));
  EXPECT_EQ(by_hand["adversarial_errors"], by_name["adversarial_errors"]);
  EXPECT_EQ(by_name["preset"]["name"], "fast");
  EXPECT_TRUE(by_hand["preset"].is_null());
  EXPECT_EQ(by_hand["attacks"].size(), by_name["attacks"].size());
}

TEST(Document, Inspect) {
  const Workshop shop;
  const Json file = expect_document(shop.run({"inspect", "model.pt", "--json"}));
  EXPECT_EQ(file["schema"], "faultline.inspect/1");
  EXPECT_FALSE(file.contains("data"));
  EXPECT_EQ(file["model"]["saved_in_train_mode"], false);
  EXPECT_THAT(file["model"]["forward"].get<std::string>(), testing::HasSubstr("forward"));
  const Json data = expect_document(shop.run({"inspect", "model.pt", "--data", "npy:x.npy,y.npy", "--json"}))["data"];
  EXPECT_EQ(data["samples"], 24);
  EXPECT_EQ(data["sample_shape"], Json::array({4}));
  EXPECT_EQ(data["classes"], 3);
  EXPECT_EQ(data["gradient"], "yes");
  EXPECT_EQ(data["clean_accuracy"], (Json{{"samples", 24}, {"right", 24}}));
  EXPECT_EQ(data["rows_independent_of_batch"], true);
}

}  // namespace

}  // namespace faultline
