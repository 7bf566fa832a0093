#include "faultline/nightly/gate.h"

#include <algorithm>
#include <cmath>

#include "faultline/core/number.h"

namespace faultline {

namespace {

using GateOutcome = GateResult::Outcome;

GateOutcome outcome_of(Certainty certainty) {
  switch (certainty) {
    case Certainty::kKept:
      return GateOutcome::kPassed;
    case Certainty::kBroken:
      return GateOutcome::kFailed;
    case Certainty::kInconclusive:
      break;
  }
  return GateOutcome::kInconclusive;
}

/// Whether something that must not be above a limit is, as far as its interval tells.
GateOutcome at_most(const Interval& interval, double limit) {
  return interval.high <= limit ? GateOutcome::kPassed
         : interval.low > limit ? GateOutcome::kFailed
                                : GateOutcome::kInconclusive;
}

GateOutcome at_least(const Interval& interval, double limit) {
  return interval.low >= limit   ? GateOutcome::kPassed
         : interval.high < limit ? GateOutcome::kFailed
                                 : GateOutcome::kInconclusive;
}

class GateJudge {
 public:
  GateJudge(const Gate& gate, const StageResult& stage, const Baseline& baseline)
      : gate_(gate), stage_(stage), result_{.gate = &gate, .model = stage.run.model->name} {
    const auto known = baseline.find(stage.run.id);
    before_ = known == baseline.end() ? nullptr : &known->second;
  }

  GateResult judge() {
    if (stage_.document.is_null()) {
      return not_measured("the stage did not finish: " + stage_.problem);
    }
    switch (gate_.kind) {
      case Gate::Kind::kMin:
      case Gate::Kind::kMax:
        return judge_limit();
      case Gate::Kind::kMaxDrop:
      case Gate::Kind::kMaxRelativeDrop:
        return judge_drop();
      case Gate::Kind::kNoNewFailures:
        return judge_new_failures();
      case Gate::Kind::kCorpusMustPass:
        break;
    }
    return judge_corpus();
  }

 private:
  GateResult not_measured(const std::string& reason) {
    result_.reason = reason;
    return result_;
  }

  GateResult settled(GateOutcome outcome, const std::string& reason) {
    result_.outcome = outcome;
    result_.reason = reason;
    return result_;
  }

  /// Finds the gate's measure; says why it cannot be used, or nothing.
  std::string look_up() {
    const auto found = stage_.comparable.measures.find(gate_.measure);
    if (found == stage_.comparable.measures.end()) {
      return "the stage has no measure '" + gate_.measure + "'";
    }
    if (!std::isfinite(found->second.value)) {
      return "'" + gate_.measure + "' is no number";
    }
    result_.measured = found->second;
    const bool needs_interval = gate_.on == Gate::On::kInterval;
    return needs_interval && !found->second.interval ? "'" + gate_.measure + "' has no interval; use on = \"point\""
                                                     : "";
  }

  GateResult judge_limit() {
    if (const std::string problem = look_up(); !problem.empty()) {
      return not_measured(problem);
    }
    const Measure& measured = *result_.measured;
    const bool is_min = gate_.kind == Gate::Kind::kMin;
    const std::string reason =
        gate_.measure + " is " + figure(measured) + ", must be " + (is_min ? ">= " : "<= ") + figure(gate_.limit);
    const Interval interval =
        gate_.on == Gate::On::kInterval ? *measured.interval : Interval{measured.value, measured.value, measured.value};
    return settled(is_min ? at_least(interval, gate_.limit) : at_most(interval, gate_.limit), reason);
  }

  /// Why the baseline cannot be compared with, or nothing.
  [[nodiscard]] std::string problem_of_baseline() const {
    if (before_ == nullptr) {
      return "no baseline for this stage";
    }
    return before_->setting == stage_.comparable.setting
               ? ""
               : "the baseline is of another setting (data, attacks, limits or seed); update it";
  }

  GateResult judge_drop() {
    std::string problem = look_up();
    if (problem.empty()) {
      problem = problem_of_baseline();
    }
    if (!problem.empty()) {
      return not_measured(problem);
    }
    const auto reference = before_->measures.find(gate_.measure);
    if (reference == before_->measures.end()) {
      return not_measured("the baseline has no measure '" + gate_.measure + "'");
    }
    const double limit =
        gate_.kind == Gate::Kind::kMaxDrop ? gate_.limit : gate_.limit * std::abs(reference->second.value);
    return gate_.on == Gate::On::kPoint ? judge_point_drop(reference->second, limit)
                                        : judge_interval_drop(reference->second, limit);
  }

  GateResult judge_point_drop(const Measure& before, double limit) {
    const double drop = before.value - result_.measured->value;
    constexpr double kRounding = 1e-12;  // 0.925 - 0.9 is more than 0.025
    return settled(drop <= limit + kRounding ? GateOutcome::kPassed : GateOutcome::kFailed,
                   gate_.measure + " fell from " + figure(before) + " to " + figure(*result_.measured) + ", by " +
                       figure(drop) + "; at most " + figure(limit) + " is allowed");
  }

  GateResult judge_interval_drop(const Measure& before, double limit) {
    const Measure& now = *result_.measured;
    const std::optional<PairedCounts> counts = paired();
    if (counts && gate_.measure == "robust_accuracy") {
      const NonInferiority verdict = non_inferiority(*counts, limit);
      const std::string more =
          verdict.more_samples ? "; about " + std::to_string(*verdict.more_samples) + " samples more would decide" : "";
      return settled(outcome_of(verdict.certainty), gate_.measure + " fell by " + figure(verdict.drop) +
                                                        " on the same samples; at most " + figure(limit) +
                                                        " is allowed" + more);
    }
    if (!before.interval) {
      return not_measured("the baseline has no interval of '" + gate_.measure + "'; use on = \"point\"");
    }
    const Interval drop{before.value - now.value, before.interval->low - now.interval->high,
                        before.interval->high - now.interval->low};
    return settled(at_most(drop, limit),
                   gate_.measure + " fell by " + figure(drop) + "; at most " + figure(limit) + " is allowed");
  }

  [[nodiscard]] std::optional<PairedCounts> paired() const {
    const std::optional<SampleOutcomes>& now = stage_.comparable.outcomes;
    return before_ != nullptr && before_->outcomes && now ? pair_up(*before_->outcomes, *now) : std::nullopt;
  }

  GateResult judge_new_failures() {
    if (const std::string problem = problem_of_baseline(); !problem.empty()) {
      return not_measured(problem);
    }
    const std::optional<PairedCounts> counts = paired();
    if (!counts) {
      return not_measured("the baseline holds other samples, or the stage none");
    }
    const double p = mcnemar_worse(*counts);
    constexpr double kAlpha = 0.05;
    const bool passed = gate_.on == Gate::On::kPoint ? counts->broken == 0 : p >= kAlpha;
    return settled(passed ? GateOutcome::kPassed : GateOutcome::kFailed,
                   std::to_string(counts->broken) + " samples fail that did not before, " +
                       std::to_string(counts->mended) + " no longer fail (one-sided exact McNemar p = " + figure(p) +
                       ")");
  }

  GateResult judge_corpus() {
    const Json& document = stage_.document;
    if (!document.contains("passed") || !document.contains("failed")) {
      return not_measured("the stage replays no corpus");
    }
    const bool passed = document.at("passed").get<bool>();
    return settled(passed ? GateOutcome::kPassed : GateOutcome::kFailed,
                   std::to_string(document.at("failed").size()) + " of " +
                       std::to_string(document.at("findings").size()) + " findings fail");
  }

  const Gate& gate_;
  const StageResult& stage_;
  const Comparable* before_ = nullptr;
  GateResult result_;
};

}  // namespace

std::vector<GateResult> judge_gates(const PlanFile& plan, const std::vector<StageResult>& stages,
                                    const Baseline& baseline) {
  std::vector<GateResult> results;
  for (const Gate& gate : plan.gates) {
    for (const StageResult& stage : stages) {
      const bool meant =
          stage.run.stage->name == gate.stage && (gate.model.empty() || gate.model == stage.run.model->name);
      if (meant) {
        results.push_back(GateJudge(gate, stage, baseline).judge());
      }
    }
  }
  return results;
}

bool fails(const GateResult& result) {
  return result.gate->level == Gate::Level::kFail &&
         (result.outcome == GateOutcome::kFailed || result.outcome == GateOutcome::kNotMeasured ||
          (result.outcome == GateOutcome::kInconclusive && result.gate->inconclusive_fails));
}

int exit_code_of(const std::vector<GateResult>& results) {
  constexpr int kFailed = 1;
  constexpr int kInconclusive = 7;
  int code = 0;
  for (const GateResult& result : results) {
    if (fails(result)) {
      code = result.outcome == GateOutcome::kInconclusive && code != kFailed ? kInconclusive : kFailed;
    }
  }
  return code;
}

std::string name_of(GateResult::Outcome outcome) {
  switch (outcome) {
    case GateOutcome::kPassed:
      return "passed";
    case GateOutcome::kFailed:
      return "failed";
    case GateOutcome::kInconclusive:
      return "inconclusive";
    case GateOutcome::kNotMeasured:
      break;
  }
  return "not measured";
}

}  // namespace faultline
