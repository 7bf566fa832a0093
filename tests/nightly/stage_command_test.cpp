// The command lines that a plan stands for.
#include "faultline/nightly/stage_command.h"

#include <gtest/gtest.h>

namespace faultline {
namespace {

using Words = std::vector<std::string>;

PlanFile plan_of_two_models() {
  PlanFile plan{.path = "plan.toml"};
  plan.models = {{.name = "old", .path = "old.pt", .settings = {{"mean", {"0.5"}, 1}}},
                 {.name = "new", .path = "new.pt"}};
  plan.data = {.source = "mnist:data", .settings = {{"limit", {"500"}, 1}, {"bounds", {"0,1"}, 1}}};
  plan.stages = {
      {.name = "linf", .kind = "attack", .settings = {{"attack", {"fgsm", "pgd"}, 1}, {"limit", {"100"}, 2}}},
      {.name = "kept", .kind = "replay", .corpus = "failures", .models = {"new"}, .settings = {{"strict", {}, 1}}}};
  return plan;
}

TEST(StageCommand, OneForEachModelOfAStage) {
  const PlanFile plan = plan_of_two_models();
  const std::vector<StageRun> runs = stage_runs(plan);
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_EQ(runs[0].id, "linf@old");
  EXPECT_EQ(runs[2].id, "kept@new");
  PlanFile alone = plan;
  alone.models.pop_back();
  EXPECT_EQ(stage_runs(alone).at(0).id, "linf") << "of one model, the stage's name is enough";
}

TEST(StageCommand, AStageSaysMoreThanTheDataAndTheRunMoreThanBoth) {
  const PlanFile plan = plan_of_two_models();
  const std::vector<StageRun> runs = stage_runs(plan);
  EXPECT_EQ(command_words(plan, runs[0], {}),
            (Words{"attack", "old.pt", "--data", "mnist:data", "--attack", "fgsm", "--attack", "pgd", "--limit", "100",
                   "--bounds", "0,1", "--mean", "0.5", "--json"}));
  EXPECT_EQ(command_words(plan, runs[1], {.out = "night/linf", .resume = true, .settings = {{"limit", {"7"}, 0}}}),
            (Words{"attack", "new.pt", "--data", "mnist:data", "--limit", "7", "--attack", "fgsm", "--attack", "pgd",
                   "--bounds", "0,1", "--out", "night/linf", "--resume", "--json"}));
  EXPECT_EQ(command_words(plan, runs[2], {.out = "night/kept", .resume = true}),
            (Words{"replay", "failures", "--model", "new.pt", "--data", "mnist:data", "--strict", "--limit", "500",
                   "--bounds", "0,1", "--json"}))
      << "a replay writes no run directory";
}

}  // namespace
}  // namespace faultline
