// The stages of a nightly run, one after another, each in a process of its own.
//
//   const std::vector<StageResult> results = run_stages(plan, directory, {.workers = 2}, stop);
#pragma once

#include <atomic>
#include <chrono>
#include <vector>

#include "faultline/nightly/nightly_directory.h"
#include "faultline/nightly/plan_file.h"
#include "faultline/nightly/stage_result.h"

namespace faultline {

struct StageLimits {
  int workers = 0;  ///< Of each stage; 0: as the plan says.
  /// Stages that have not begun by then are left out.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// Runs the stages that have not ended in the directory, going on where they were left, and reads those that have. The
/// current directory is the plan's. A stage whose process dies, or that is refused after others were measured, has no
/// document, and the next ones are run. Throws Error (kInterrupted); Error (kUsage) with the plan's line when a stage
/// is refused before anything was measured.
[[nodiscard]] std::vector<StageResult> run_stages(const PlanFile& plan, const NightlyDirectory& directory,
                                                  const StageLimits& limits, const std::atomic<bool>& stop);

}  // namespace faultline
