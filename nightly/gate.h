// Whether a nightly run keeps the limits of its plan.
//
//   const std::vector<GateResult> results = judge_gates(plan, stages, baseline);
//   return exit_code_of(results);
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "faultline/nightly/plan_file.h"
#include "faultline/nightly/stage_result.h"

namespace faultline {

struct GateResult {
  enum class Outcome { kPassed, kFailed, kInconclusive, kNotMeasured };

  const Gate* gate = nullptr;
  std::string model{};
  Outcome outcome = Outcome::kNotMeasured;
  std::optional<Measure> measured{};
  std::string reason{};  ///< One line: what was measured, what the limit is.
};

/// What earlier runs measured, by StageRun::id.
using Baseline = std::map<std::string, Comparable>;

/// One result per gate and model, in the plan's order. With intervals a limit is kept when all of the interval is on
/// the right side of it, broken when all of it is on the wrong one, and else inconclusive; drops are then paired by
/// sample where both runs have the same samples. A gate on a drop is not measured without a baseline of the same
/// setting.
[[nodiscard]] std::vector<GateResult> judge_gates(const PlanFile& plan, const std::vector<StageResult>& stages,
                                                  const Baseline& baseline);

/// Whether a gate decides that the run has failed.
[[nodiscard]] bool fails(const GateResult& result);

/// 1 when a gate failed or could not be measured, 7 when one is inconclusive and its plan says that this fails, else 0.
[[nodiscard]] int exit_code_of(const std::vector<GateResult>& results);

/// "passed", "failed", "inconclusive", "not measured".
[[nodiscard]] std::string name_of(GateResult::Outcome outcome);

}  // namespace faultline
