// Baselines as files: what was written is read, and what is no baseline is refused.
#include "faultline/nightly/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "faultline/core/error.h"
#include "temporary_folder.h"

namespace faultline {
namespace {

TEST(Baseline, HoldsMeasuresAndWhichSamplesFail) {
  PlanFile plan;
  plan.models = {{.name = "model", .path = "model.pt"}};
  plan.stages = {{.name = "linf", .kind = "attack"}, {.name = "unfinished", .kind = "fuzz"}};
  std::vector<StageResult> stages{{.run = stage_runs(plan).at(0), .document = Json::object()},
                                  {.run = stage_runs(plan).at(1)}};
  stages[0].comparable = {
      .setting = "abc",
      .measures = {{"robust_accuracy", {0.5, Interval{0.5, 0.4, 0.6}}}, {"area", {0.1, std::nullopt}}},
      .outcomes = SampleOutcomes{{"0:1", "1:2", "2:3"}, {false, true, true}}};
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "baseline.json") << json_text(baseline_json(baseline_of(stages)));
  const Baseline read = read_baseline(folder.path() / "baseline.json");
  ASSERT_EQ(read.size(), 1U) << "a stage that did not finish is nothing to compare with";
  const Comparable& stage = read.at("linf");
  EXPECT_EQ(stage.setting, "abc");
  EXPECT_EQ(stage.measures.at("robust_accuracy").interval, (Interval{0.5, 0.4, 0.6}));
  EXPECT_FALSE(stage.measures.at("area").interval);
  EXPECT_EQ(stage.outcomes->ids, stages[0].comparable.outcomes->ids);
  EXPECT_EQ(stage.outcomes->failing, stages[0].comparable.outcomes->failing);
}

TEST(Baseline, WhatIsNoneIsRefused) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "baseline.json";
  for (const std::string text :
       {"{", "[]", "{}", R"({"schema": "faultline.attack/1"})",
        R"({"schema": "faultline.baseline/1", "stages": {"a": {}}})",
        R"({"schema": "faultline.baseline/1", "stages": {"a": {"setting": "", "measures": {}, )"
        R"("samples": ["0:1"], "failing": [7]}}})"}) {
    std::ofstream(path) << text;
    EXPECT_THROW((void)read_baseline(path), Error) << text;
  }
  EXPECT_THROW((void)read_baseline(folder.path()), Error) << "a folder without stages";
  EXPECT_THROW((void)read_baseline(folder.path() / "missing.json"), Error);
}

}  // namespace
}  // namespace faultline
