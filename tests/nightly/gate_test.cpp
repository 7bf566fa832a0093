// Gates on points and intervals, against baselines, and the exit code that follows.
#include "faultline/nightly/gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faultline/nightly/nightly_summary.h"

namespace faultline {
namespace {

using GateOutcome = GateResult::Outcome;

/// A run of one model and one stage, with what it measured.
struct Night {
  PlanFile plan{.path = "plan.toml"};
  std::vector<StageResult> stages{};
  Baseline baseline{};

  explicit Night(Gate gate) {
    plan.models = {{.name = "model", .path = "model.pt"}};
    plan.stages = {{.name = "linf", .kind = "attack"}};
    gate.stage = "linf";
    gate.name = "gate";
    plan.gates = {gate};
    StageResult stage{.document = Json{{"schema", "faultline.attack/1"}}};
    stage.comparable.setting = "same";
    stages = {stage};
  }

  Night& measured(const std::string& name, std::int64_t successes, std::int64_t trials) {
    const Interval share = wilson(successes, trials);
    stages[0].comparable.measures[name] = {share.value, share};
    return *this;
  }

  Night& before(const std::string& name, std::int64_t successes, std::int64_t trials) {
    const Interval share = wilson(successes, trials);
    baseline["linf"].setting = "same";
    baseline["linf"].measures[name] = {share.value, share};
    return *this;
  }

  /// So many samples, of which the first fail: so many before and so many now.
  Night& samples(std::size_t count, std::size_t failing_before, std::size_t failing_now) {
    SampleOutcomes outcomes{.ids = std::vector<std::string>(count), .failing = std::vector<bool>(count)};
    baseline["linf"].setting = "same";
    baseline["linf"].outcomes = outcomes;
    stages[0].comparable.outcomes = outcomes;
    for (std::size_t i = 0; i < count; ++i) {
      baseline["linf"].outcomes->failing[i] = i < failing_before;
      stages[0].comparable.outcomes->failing[i] = i < failing_now;
    }
    return *this;
  }

  GateResult judge() {
    stages[0].run = stage_runs(plan).at(0);
    return judge_gates(plan, stages, baseline).at(0);
  }
};

Gate gate(Gate::Kind kind, double limit, Gate::On on = Gate::On::kPoint) {
  return {.measure = "robust_accuracy", .kind = kind, .limit = limit, .on = on};
}

TEST(Gate, OnAPointComparesTheValue) {
  EXPECT_EQ(Night(gate(Gate::Kind::kMin, 0.9)).measured("robust_accuracy", 90, 100).judge().outcome,
            GateOutcome::kPassed);
  EXPECT_EQ(Night(gate(Gate::Kind::kMin, 0.9)).measured("robust_accuracy", 89, 100).judge().outcome,
            GateOutcome::kFailed);
  EXPECT_EQ(Night(gate(Gate::Kind::kMax, 0.9)).measured("robust_accuracy", 90, 100).judge().outcome,
            GateOutcome::kPassed);
  EXPECT_EQ(Night(gate(Gate::Kind::kMax, 0.9)).measured("robust_accuracy", 91, 100).judge().outcome,
            GateOutcome::kFailed);
}

TEST(Gate, OnAnIntervalMayBeInconclusive) {
  const auto outcome = [](Gate::Kind kind, double limit) {
    return Night(gate(kind, limit, Gate::On::kInterval)).measured("robust_accuracy", 900, 1000).judge().outcome;
  };  // 0.880 .. 0.917
  EXPECT_EQ(outcome(Gate::Kind::kMin, 0.87), GateOutcome::kPassed);
  EXPECT_EQ(outcome(Gate::Kind::kMin, 0.89), GateOutcome::kInconclusive);
  EXPECT_EQ(outcome(Gate::Kind::kMin, 0.92), GateOutcome::kFailed);
  EXPECT_EQ(outcome(Gate::Kind::kMax, 0.92), GateOutcome::kPassed);
  EXPECT_EQ(outcome(Gate::Kind::kMax, 0.91), GateOutcome::kInconclusive);
  EXPECT_EQ(outcome(Gate::Kind::kMax, 0.87), GateOutcome::kFailed);
}

TEST(Gate, ADropIsMeasuredFromTheBaseline) {
  const auto outcome = [](Gate::Kind kind, double limit) {
    return Night(gate(kind, limit))
        .before("robust_accuracy", 80, 100)
        .measured("robust_accuracy", 76, 100)
        .judge()
        .outcome;
  };
  EXPECT_EQ(outcome(Gate::Kind::kMaxDrop, 0.05), GateOutcome::kPassed);
  EXPECT_EQ(outcome(Gate::Kind::kMaxDrop, 0.03), GateOutcome::kFailed);
  EXPECT_EQ(outcome(Gate::Kind::kMaxRelativeDrop, 0.06), GateOutcome::kPassed);
  EXPECT_EQ(outcome(Gate::Kind::kMaxRelativeDrop, 0.04), GateOutcome::kFailed);
}

TEST(Gate, ADropOnTheSameSamplesIsPaired) {
  const auto night = [](double limit, std::size_t now) {
    return Night(gate(Gate::Kind::kMaxDrop, limit, Gate::On::kInterval))
        .before("robust_accuracy", 800, 1000)
        .measured("robust_accuracy", 1000 - static_cast<std::int64_t>(now), 1000)
        .samples(1000, 200, now)
        .judge();
  };
  EXPECT_EQ(night(0.02, 203).outcome, GateOutcome::kPassed) << "unpaired, an interval of 5 points would not settle it";
  EXPECT_EQ(night(0.02, 260).outcome, GateOutcome::kFailed);
  EXPECT_EQ(night(0.02, 218).outcome, GateOutcome::kInconclusive);
  EXPECT_THAT(night(0.02, 218).reason, testing::HasSubstr("samples more would decide"));
}

TEST(Gate, NewFailuresAreCountedOrTested) {
  const auto outcome = [](Gate::On on, std::size_t now) {
    return Night(gate(Gate::Kind::kNoNewFailures, 0, on)).samples(100, 10, now).judge().outcome;
  };
  EXPECT_EQ(outcome(Gate::On::kPoint, 10), GateOutcome::kPassed);
  EXPECT_EQ(outcome(Gate::On::kPoint, 11), GateOutcome::kFailed);
  EXPECT_EQ(outcome(Gate::On::kInterval, 14), GateOutcome::kPassed) << "four may be chance";
  EXPECT_EQ(outcome(Gate::On::kInterval, 15), GateOutcome::kFailed);
}

TEST(Gate, WhatCannotBeJudgedIsNotMeasuredAndFails) {
  const auto not_measured = [](Night night, const std::string& why) {
    const GateResult result = night.judge();
    EXPECT_EQ(result.outcome, GateOutcome::kNotMeasured);
    EXPECT_THAT(result.reason, testing::HasSubstr(why));
    EXPECT_EQ(exit_code_of({result}), 1);
  };
  not_measured(Night(gate(Gate::Kind::kMin, 0.9)), "no measure 'robust_accuracy'");
  not_measured(Night(gate(Gate::Kind::kMaxDrop, 0.9)).measured("robust_accuracy", 1, 2), "no baseline");
  not_measured(Night(gate(Gate::Kind::kCorpusMustPass, 0)), "no corpus");
  Night other =
      Night(gate(Gate::Kind::kMaxDrop, 0.9)).measured("robust_accuracy", 1, 2).before("robust_accuracy", 1, 2);
  other.baseline["linf"].setting = "other";
  not_measured(other, "another setting");
  Night counted = Night(gate(Gate::Kind::kMin, 0.9, Gate::On::kInterval));
  counted.stages[0].comparable.measures["robust_accuracy"] = {7, std::nullopt};
  not_measured(counted, "no interval");
  Night unfinished(gate(Gate::Kind::kMin, 0.9));
  unfinished.stages[0].document = Json();
  unfinished.stages[0].problem = "signal 11";
  not_measured(unfinished, "signal 11");
}

TEST(Gate, TheLevelDecidesTheExitCode) {
  Gate impossible = gate(Gate::Kind::kMin, 2);
  const auto code = [](const Gate& one) {
    Night night = Night(one).measured("robust_accuracy", 900, 1000);
    return exit_code_of({night.judge()});
  };
  EXPECT_EQ(code(impossible), 1);
  impossible.level = Gate::Level::kWarn;
  EXPECT_EQ(code(impossible), 0);
  Gate straddled = gate(Gate::Kind::kMin, 0.9, Gate::On::kInterval);
  EXPECT_EQ(code(straddled), 0);
  straddled.inconclusive_fails = true;
  EXPECT_EQ(code(straddled), 7);
}

TEST(Gate, ADropOfExactlyTheLimitIsAllowed) {
  EXPECT_EQ(Night(gate(Gate::Kind::kMaxDrop, 0.025))
                .before("robust_accuracy", 37, 40)
                .measured("robust_accuracy", 36, 40)
                .judge()
                .outcome,
            GateOutcome::kPassed);
}

TEST(Summary, AGateOnOneModelJudgesNoReplayOfAnother) {
  PlanFile plan{.path = "plan.toml"};
  plan.models = {{.name = "a", .path = "a.pt"}, {.name = "b", .path = "b.pt"}};
  plan.stages = {{.name = "replay", .kind = "replay", .corpus = "corpus"}};
  plan.gates = {{.name = "gate", .stage = "replay", .model = "a", .kind = Gate::Kind::kCorpusMustPass}};
  std::vector<StageResult> stages;
  for (const StageRun& run : stage_runs(plan)) {
    stages.push_back({.run = run, .document = Json{{"schema", "faultline.replay/1"}, {"passed", true}}});
  }
  stages[1].exit_code = 1;
  stages[1].document["passed"] = false;
  EXPECT_EQ(summarise(plan, stages, {}).exit_code, 1);
}

}  // namespace
}  // namespace faultline
