// The HTML report of crafted runs: groups, and what was not measured.
#include "faultline/report/html_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "faultline/eval/sample_row.h"
#include "temporary_folder.h"

namespace faultline {
namespace {

constexpr const char* kHostile = "<b>group</b>";

/// A row of that group; every second sample is broken.
SampleRow row_of(std::int64_t index, const std::string& group) {
  SampleRow row{.id = {index, 7}, .label = 1, .group = group, .clean = {1, 2.0, 0.9, true, false}};
  row.status = index % 2 == 0 ? SampleRow::Status::kRobust : SampleRow::Status::kFound;
  row.verdict = {Judgement::kAccepted, 2, -0.5, 0.8, 0.1, {}};
  row.witness = "0123456789abcdef";
  return row;
}

/// One model and one attack stage, of 40 samples in two groups.
struct CraftedNight {
  TemporaryFolder folder{};
  PlanFile plan{.path = "plan.toml"};
  std::vector<StageResult> stages{};

  CraftedNight() {
    plan.models = {{.name = "model", .path = "model.pt"}};
    plan.stages = {{.name = "linf", .kind = "attack", .settings = {{"norm", {"linf"}, 0}}}};
    std::ofstream rows(folder.path() / "samples.jsonl");
    for (std::int64_t index = 0; index < 40; ++index) {
      rows << to_line(row_of(index, index < 30 ? "day" : kHostile)) << "\n";
    }
    rows.close();
    StageResult stage{.run = stage_runs(plan).at(0), .folder = folder.path()};
    stage.document = Json{{"schema", "faultline.attack/1"}, {"samples", 40}};
    stages = {stage};
  }

  [[nodiscard]] std::string page(std::vector<HistoryRun> history = {}) const {
    const NightlySummary summary = summarise(plan, stages, {});
    return html_report({.summary = summary, .header = Json::object(), .history = std::move(history)});
  }
};

TEST(HtmlReport, CountsByGroup) {
  const std::string page = CraftedNight().page();
  EXPECT_THAT(page, testing::HasSubstr("Per group</h3>"));
  EXPECT_THAT(page, testing::HasSubstr("<td>day</td><td class=\"number\">30</td>"));
  EXPECT_THAT(page, testing::HasSubstr("<td>&lt;b&gt;group&lt;/b&gt;</td><td class=\"number\">10</td><td "
                                       "class=\"number\">100.0 % (72.2 to 100.0)</td><td class=\"number\">50.0 %"));
}

TEST(HtmlReport, ClaimsOnlyWhatWasMeasured) {
  CraftedNight night;
  EXPECT_THAT(night.page(), testing::HasSubstr("AML.T0043"));
  EXPECT_THAT(night.page(), testing::Not(testing::HasSubstr("Not tested: changes measured in linf")));
  EXPECT_THAT(night.page(), testing::HasSubstr("Not tested: changes measured in l1, changes measured in l2"));
  night.stages[0].document = Json();
  night.stages[0].problem = "left out";
  EXPECT_THAT(night.page(), testing::Not(testing::HasSubstr("AML.T0043")));
  EXPECT_THAT(night.page(), testing::HasSubstr("changes measured in linf"));
}

TEST(HtmlReport, StaysSmallWithALongHistory) {
  CraftedNight night;
  History history;
  for (int day = 0; day < 400; ++day) {
    HistoryRun run{.path = "nights/" + std::to_string(day), .ended = "2026-01-01T00:00:" + std::to_string(day)};
    for (int stage = 0; stage < 20; ++stage) {
      const Interval share = wilson(70 + stage, 100);
      run.stages["stage" + std::to_string(stage)].measures["robust_accuracy"] = {share.value, share};
      run.stages["stage" + std::to_string(stage)].measures["clean_accuracy"] = {share.value, share};
    }
    add_to_history(history, std::move(run));
  }
  const std::string page = night.page(history.runs);
  EXPECT_THAT(page, testing::HasSubstr("From run to run"));
  EXPECT_LT(page.size(), 2'000'000U);
}

TEST(HtmlReport, LeavesOutWhatIsNoShare) {
  const CraftedNight night;
  std::vector<HistoryRun> history(2);
  for (HistoryRun& run : history) {
    run.stages["linf"].measures["robust_accuracy"] = {std::numeric_limits<double>::quiet_NaN(), std::nullopt};
    run.stages["linf"].measures["clean_accuracy"] = {7, std::nullopt};
  }
  EXPECT_THAT(night.page(history), testing::Not(testing::HasSubstr("From run to run")));
}

}  // namespace
}  // namespace faultline
