// What a plan will cost, measured on the first samples of each stage; and how to make it fit into a time.
//
//   const std::vector<StageEstimate> estimates = estimate_stages(plan, context, workers);
//   for (const PlanChange& cut : cuts_for(plan, estimates, seconds, "--time 10m")) { apply_change(plan, cut); }
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "faultline/cli/commands.h"
#include "faultline/data/json.h"
#include "faultline/nightly/stage_command.h"

namespace faultline {

/// Of a stage on one of its models.
struct StageEstimate {
  StageRun run{};
  std::int64_t samples = 0;  ///< Of fuzzing, evaluations; of replays, findings.
  double forwards = 0;
  double backwards = 0;
  double fixed_seconds = 0;  ///< Whatever the number of samples: starting, loading, checking; all of a replay.
  double sample_seconds = 0;
};

/// Runs every stage on some of its first samples (64 at least and for half a second, but not for more than about five
/// seconds; of fuzzing, up to 100,000 evaluations; a replay whole), writing nothing, and multiplies. The current
/// directory is the plan's. Throws Error as the run would, with the plan's line, when a command refuses its stage;
/// Error (kInterrupted).
[[nodiscard]] std::vector<StageEstimate> estimate_stages(const PlanFile& plan, const CommandContext& context,
                                                         int workers);

/// All of it.
[[nodiscard]] double seconds_of(const std::vector<StageEstimate>& estimates);

/// Changes that let the stages fit into so many seconds, with a tenth to spare: stages that need more than their share
/// get fewer samples, or a smaller budget; what others do not need is shared too. None when all fit. Throws Error
/// (kUsage) that begins with `why` when starting the stages takes longer already.
[[nodiscard]] std::vector<PlanChange> cuts_for(const PlanFile& plan, const std::vector<StageEstimate>& estimates,
                                               double seconds, const std::string& why);

/// Lowers the estimates of stages to what the cuts leave of them.
void scale(std::vector<StageEstimate>& estimates, const std::vector<PlanChange>& cuts);

/// The document of --dry-run, schema faultline.estimate/1.
[[nodiscard]] Json estimate_json(const PlanFile& plan, const std::vector<StageEstimate>& estimates);

/// The same for the terminal: a line per stage, the sum, what is changed in the plan.
[[nodiscard]] std::string estimate_text(const PlanFile& plan, const std::vector<StageEstimate>& estimates);

}  // namespace faultline
