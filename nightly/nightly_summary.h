// The document of a nightly run: what summary.json holds and --json prints, schema faultline.nightly/1.
#pragma once

#include <string>
#include <vector>

#include "faultline/data/json.h"
#include "faultline/nightly/gate.h"
#include "faultline/nightly/plan_file.h"
#include "faultline/nightly/stage_result.h"

namespace faultline {

struct NightlySummary {
  const PlanFile& plan;
  std::vector<StageResult> stages{};
  std::vector<GateResult> gates{};
  std::vector<std::string> notes{};  ///< What was cut or left out, one line each.
  int exit_code = 0;
};

/// The verdict in one word: "passed", "failed" or "inconclusive".
[[nodiscard]] std::string verdict_of(const NightlySummary& summary);

/// The same in one sentence that a manager understands.
[[nodiscard]] std::string sentence_of(const NightlySummary& summary);

[[nodiscard]] Json nightly_json(const NightlySummary& summary);

}  // namespace faultline
