// The command line that a stage of a plan is, for one of its models.
//
//   for (const StageRun& run : stage_runs(plan)) { ... command_words(plan, run, {.out = "nightly/stages/linf"}) ... }
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "faultline/nightly/plan_file.h"

namespace faultline {

/// A stage on one of its models. Refers to the plan.
struct StageRun {
  const PlanStage* stage = nullptr;
  const PlanModel* model = nullptr;
  std::string id{};  ///< Names its files: "STAGE", or "STAGE@MODEL" when the plan has several models.
};

/// In the order in which they are run.
[[nodiscard]] std::vector<StageRun> stage_runs(const PlanFile& plan);

/// Whether the stage asks about inputs of wrong shapes and types: fuzzing without evaluations or workers.
[[nodiscard]] bool is_contract(const PlanStage& stage);

/// Whether the command writes a run directory that --resume goes on with; else it begins anew.
[[nodiscard]] bool is_resumable(const PlanStage& stage);

/// What the run adds to a stage, or puts in the place of what the plan says.
struct StageChanges {
  std::filesystem::path out{};  ///< Run directory; empty: none.
  bool resume = false;
  int workers = 0;                      ///< 0: as the plan says. Not of fuzzing in contract mode, which has none.
  std::vector<PlanSetting> settings{};  ///< Instead of those of the same key in stage or data.
  std::vector<std::string> without{};   ///< Keys that are left out.
};

/// The settings that hold for a stage: its own, then those of the data, then those of the model.
[[nodiscard]] std::vector<PlanSetting> settings_of(const PlanFile& plan, const StageRun& run,
                                                   const StageChanges& changes = {});

/// The first value of a setting; nothing when it is not set, empty when it is a flag without value.
[[nodiscard]] std::optional<std::string> setting_value(const std::vector<PlanSetting>& settings,
                                                       const std::string& key);

/// "attack model.pt --data mnist:data --limit 500 --norm linf ... --json".
[[nodiscard]] std::vector<std::string> command_words(const PlanFile& plan, const StageRun& run,
                                                     const StageChanges& changes);

}  // namespace faultline
