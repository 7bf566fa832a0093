// What a plan says, and the line and word of what it says wrongly.
#include "faultline/nightly/plan_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "temporary_folder.h"

namespace faultline {
namespace {

constexpr const char* kHead =
    "[model]\n"
    "path = \"model.pt\"\n"
    "[data]\n"
    "source = \"mnist:data\"\n";
constexpr const char* kStage =
    "[[stage]]\n"
    "kind = \"attack\"\n"
    "epsilon = 0.1\n";

PlanFile read(const std::string& text) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "plan.toml") << text;
  return read_plan_file(folder.path() / "plan.toml");
}

/// Expects a refusal that names the line and holds the words.
void expect_refused(const std::string& text, int line, const std::vector<std::string>& words) {
  try {
    (void)read(text);
    ADD_FAILURE() << "not refused: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    const std::string message = error.what();
    EXPECT_THAT(message, testing::HasSubstr("plan.toml:" + std::to_string(line) + ": "));
    for (const std::string& word : words) {
      EXPECT_THAT(message, testing::HasSubstr(word));
    }
  }
}

TEST(PlanFile, HoldsModelsDataStagesAndGates) {
  const PlanFile plan = read(
      "goal = \"no release loses robustness\"\n"
      "baseline = \"baseline.json\"\n"
      "[[model]]\n"
      "path = \"a/old.pt\"\n"
      "mean = 0.5\n"
      "[[model]]\n"
      "path = \"new.pt\"\n"
      "name = \"candidate\"\n"
      "[data]\n"
      "source = \"mnist:data\"\n"
      "limit = 500\n"
      "[[stage]]\n"
      "name = \"linf\"\n"
      "kind = \"attack\"\n"
      "epsilon = \"8/255\"\n"
      "attack = [\"fgsm\", \"pgd:steps=10\"]\n"
      "[[stage]]\n"
      "kind = \"replay\"\n"
      "corpus = \"failures\"\n"
      "models = [\"candidate\"]\n"
      "strengthen = true\n"
      "strict = false\n"
      "[[gate]]\n"
      "stage = \"linf\"\n"
      "measure = \"robust_accuracy\"\n"
      "min = 0.9\n"
      "on = \"interval\"\n"
      "level = \"warn\"\n"
      "inconclusive = \"fail\"\n"
      "[[gate]]\n"
      "stage = \"replay\"\n"
      "corpus-must-pass = true\n");
  EXPECT_EQ(plan.goal, "no release loses robustness");
  EXPECT_EQ(plan.baseline, "baseline.json");
  ASSERT_EQ(plan.models.size(), 2U);
  EXPECT_EQ(plan.models[0].name, "old");
  EXPECT_EQ(plan.models[1].name, "candidate");
  EXPECT_EQ(plan.models[0].settings.at(0).values, std::vector<std::string>{"0.5"});
  EXPECT_EQ(plan.data.settings.at(0).key, "limit");
  ASSERT_EQ(plan.stages.size(), 2U);
  EXPECT_EQ(plan.stages[0].settings.at(1).values, (std::vector<std::string>{"fgsm", "pgd:steps=10"}));
  EXPECT_EQ(plan.stages[1].name, "replay");
  EXPECT_EQ(plan.stages[1].corpus, "failures");
  ASSERT_EQ(plan.stages[1].settings.size(), 2U);
  EXPECT_TRUE(plan.stages[1].settings[1].off) << "what is false";
  EXPECT_TRUE(plan.stages[1].settings[0].values.empty()) << "a flag";
  EXPECT_EQ(plan.models_of(plan.stages[0]).size(), 2U);
  EXPECT_EQ(plan.models_of(plan.stages[1]).at(0)->name, "candidate");
  ASSERT_EQ(plan.gates.size(), 2U);
  EXPECT_EQ(plan.gates[0].name, "linf: robust_accuracy >= 0.9");
  EXPECT_EQ(plan.gates[0].on, Gate::On::kInterval);
  EXPECT_EQ(plan.gates[0].level, Gate::Level::kWarn);
  EXPECT_TRUE(plan.gates[0].inconclusive_fails);
  EXPECT_EQ(plan.gates[0].line, 23);
  EXPECT_EQ(plan.gates[1].kind, Gate::Kind::kCorpusMustPass);
}

TEST(PlanFile, RefusesWithTheLine) {
  const std::string head = kHead;
  const std::string stage = kStage;
  expect_refused(head + "[[stage]\n", 5, {});
  expect_refused("gaol = \"x\"\n" + head + stage, 1, {"unknown key 'gaol'", "did you mean 'goal'"});
  expect_refused(stage + "[data]\nsource = \"mnist:data\"\n", 1, {"no model"});
  expect_refused("[model]\npath = \"model.pt\"\n" + stage, 1, {"[data]"});
  expect_refused(head, 1, {"no stage"});
  expect_refused(head + "[[stage]]\nkind = \"atack\"\n", 6, {"'kind'", "'atack'", "did you mean 'attack'"});
  expect_refused(head + "[[stage]]\nepsilon = 0.1\n", 5, {"'kind' is missing"});
  expect_refused(head + stage + stage, 8, {"two stages", "'attack'"});
  expect_refused(head + "[[stage]]\nkind = \"attack\"\nname = \"../up\"\n", 5, {"'../up'", "names a folder"});
  expect_refused(head + "[[stage]]\nkind = \"attack\"\nepsilon = [[1]]\n", 7, {"'epsilon'", "expected text"});
  expect_refused(head + "[[stage]]\nkind = \"attack\"\nattack = []\n", 7, {"'attack'", "empty"});
  expect_refused(head + "[[stage]]\nkind = \"replay\"\n", 5, {"'corpus' is missing"});
  expect_refused(head + stage + "models = [\"modle\"]\n", 8, {"'modle'", "did you mean 'model'"});
  expect_refused("[model]\npath = 7\n[data]\nsource = \"x\"\n" + stage, 2, {"'path'", "text in quotes"});
  expect_refused("[[model]]\npath = \"a/m.pt\"\n[[model]]\npath = \"b/m.pt\"\n[data]\nsource = \"x\"\n" + stage, 3,
                 {"two models are called 'm'"});
}

TEST(PlanFile, RefusesNamesAndKeysThatWouldMeanSomethingElse) {
  const std::string head = kHead;
  expect_refused(head + "[[stage]]\nkind = \"attack\"\nname = \"x.json\"\n", 5, {"'x.json'"});
  expect_refused(head + "[[stage]]\nkind = \"attack\"\n\"out=/tmp\" = true\n", 7, {"unknown key 'out=/tmp'"});
  expect_refused("[model]\npath = \"--help\"\n[data]\nsource = \"x\"\n" + std::string(kStage), 1, {"taken for a flag"});
  std::string deep = "a";
  for (int i = 0; i < 100'000; ++i) {
    deep += ".a";
  }
  expect_refused(deep + " = 1\n", 1, {"longer than"});
  const std::string two = "[[model]]\npath = \"a.pt\"\n[[model]]\npath = \"b.pt\"\n[data]\nsource = \"x\"\n";
  expect_refused(
      two + kStage + "models = [\"a\"]\n[[gate]]\nstage = \"attack\"\nmodel = \"b\"\nmeasure = \"x\"\nmin = 1\n", 13,
      {"does not run the model 'b'"});
}

TEST(PlanFile, RefusesGatesWithTheLine) {
  const std::string head = std::string(kHead) + kStage + "[[gate]]\n";  // the gate's table is line 8
  const std::string at = "stage = \"attack\"\n";
  expect_refused(head + "stage = \"atack\"\nmeasure = \"x\"\nmin = 1\n", 9, {"'atack'", "did you mean 'attack'"});
  expect_refused(head + at + "min = 0.9\n", 8, {"'measure' is missing"});
  expect_refused(head + at + "measure = \"x\"\n", 8, {"exactly one of min, max"});
  expect_refused(head + at + "measure = \"x\"\nmin = 1\nmax = 2\n", 8, {"exactly one of min, max"});
  expect_refused(head + at + "measure = \"x\"\nmin = \"0.9\"\n", 11, {"'min'", "expected a number"});
  expect_refused(head + at + "no-new-failures = false\n", 10, {"expected true"});
  expect_refused(head + at + "measure = \"x\"\nmin = 1\nlevel = \"fatal\"\n", 12, {"'fatal'", "did you mean 'fail'"});
  expect_refused(head + at + "measure = \"x\"\nminn = 1\n", 11, {"unknown key 'minn'"});
  expect_refused(head + at + "measure = \"x\"\nmin = 1\nmodel = \"other\"\n", 12, {"no model is called 'other'"});
  expect_refused(head + at + "measure = \"x\"\nmin = nan\n", 11, {"'min'", "finite"});
  expect_refused(head + at + "measure = \"x\"\nmax-drop = 5\n", 11, {"'max-drop'", "a share in 0..1"});
  expect_refused(head + at + "measure = \"robust_acuracy\"\nmin = 1\n", 10,
                 {"no measure 'robust_acuracy'", "did you mean 'robust_accuracy'"});
  expect_refused(head + at + "measure = \"robust_accuracy@0.1\"\nmin = 1\n", 10, {"of kind attack has no measure"});
  expect_refused(head + at + "measure = \"rejected\"\nmin = 1\n[[gate]]\n" + at + "measure = \"rejected\"\nmin = 1\n",
                 12, {"two gates are called"});
}

}  // namespace
}  // namespace faultline
