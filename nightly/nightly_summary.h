// The document of a nightly run: what summary.json holds and --json prints, schema faultline.nightly/1.
#pragma once

#include <string>
#include <vector>

#include "faultline/data/json.h"
#include "faultline/nightly/baseline.h"
#include "faultline/nightly/gate.h"
#include "faultline/nightly/plan_file.h"
#include "faultline/nightly/stage_result.h"

namespace faultline {

struct NightlySummary {
  const PlanFile& plan;
  std::vector<StageResult> stages{};
  Baseline baseline{};
  std::vector<GateResult> gates{};
  std::vector<std::string>
      notes{};  ///< What failed beside the gates: limits of stages' own, data that changed. A line each.
  int exit_code = 0;
  std::string begun{};  ///< UTC, as utc_now().
  std::string ended{};
};

/// Judges the gates and says what the run ends with: 1 when a stage fails by a limit of its own that no gate judges,
/// the data changed between stages, or a gate fails; 7 as exit_code_of(); else, of stages without a document, 5 when
/// one had nothing to run on or was left out, 4 when one was refused, and 3 when one died. `begun` and `ended` are left
/// empty.
[[nodiscard]] NightlySummary summarise(const PlanFile& plan, std::vector<StageResult> stages, Baseline baseline);

/// The verdict in one word: "passed", "failed" or "inconclusive".
[[nodiscard]] std::string verdict_of(const NightlySummary& summary);

/// The same in one sentence that a manager understands.
[[nodiscard]] std::string sentence_of(const NightlySummary& summary);

[[nodiscard]] Json nightly_json(const NightlySummary& summary);

}  // namespace faultline
