#include "faultline/cli/nightly_stages.h"

#include <algorithm>

#include "faultline/cli/console.h"
#include "faultline/cli/stage_process.h"
#include "faultline/core/error.h"
#include "faultline/data/json.h"
#include "faultline/nightly/stage_command.h"

namespace faultline {

namespace {

/// Why a stage has no document, in one line.
std::string problem_of(int exit_code) {
  constexpr int kSignals = 128;
  if (exit_code > kSignals) {
    return "its process was ended by signal " + std::to_string(exit_code - kSignals);
  }
  if (exit_code == static_cast<int>(ErrorCode::kNothingRan)) {
    return "nothing ran";
  }
  return exit_code == static_cast<int>(ErrorCode::kUsage)
             ? "it was refused; its message stands above"
             : "it ended with exit code " + std::to_string(exit_code) + "; see its message above";
}

/// Runs a stage that has not ended yet. Throws Error (kInterrupted).
FinishedStage run_stage(const PlanFile& plan, const StageRun& run, const NightlyDirectory& directory, int workers,
                        const std::atomic<bool>& stop) {
  const bool resumes = is_resumable(*run.stage) && directory.has_begun(run.id);
  if (!resumes) {
    directory.clear(run.id);
  }
  const StageEnd end = run_stage_process(
      command_words(plan, run, {.out = directory.stage_folder(run.id), .resume = resumes, .workers = workers}), stop);
  const Json document = parse_json(end.out);
  // A process that is stopped before it listens dies of the signal.
  if (end.exit_code == static_cast<int>(ErrorCode::kInterrupted) || (stop && document.is_discarded())) {
    throw Error{ErrorCode::kInterrupted,
                "interrupted in stage " + run.id + "; continue with the same command and --resume"};
  }
  FinishedStage stage{.exit_code = end.exit_code, .document = document.is_discarded() ? Json() : document};
  stage.problem = stage.document.is_null() ? problem_of(end.exit_code) : "";
  return stage;
}

/// Whether a stage that has not ended before is refused although nothing was measured yet: then the run ends.
bool refused_at_once(const FinishedStage& stage, const std::vector<StageResult>& before) {
  return stage.document.is_null() && stage.exit_code == static_cast<int>(ErrorCode::kUsage) &&
         std::ranges::all_of(before, [](const StageResult& result) { return result.document.is_null(); });
}

bool has_ended(const NightlyDirectory& directory, const std::string& id) {
  const std::optional<FinishedStage> stage = directory.finished(id);
  return stage && !stage->document.is_null();
}

}  // namespace

std::vector<StageResult> run_stages(const PlanFile& plan, const NightlyDirectory& directory, const StageLimits& limits,
                                    const std::atomic<bool>& stop) {
  std::vector<StageResult> results;
  const std::vector<StageRun> runs = stage_runs(plan);
  for (std::size_t number = 0; number < runs.size(); ++number) {
    const StageRun& run = runs[number];
    if (stop) {
      throw Error{ErrorCode::kInterrupted,
                  "interrupted before stage " + run.id + "; continue with the same command and --resume"};
    }
    const bool done = has_ended(directory, run.id);
    print_notice("stage " + std::to_string(number + 1) + " of " + std::to_string(runs.size()) + ": " + run.id + ", " +
                 run.stage->kind + (done ? ", done before" : ""));
    if (!done) {
      const bool late = std::chrono::steady_clock::now() > limits.deadline;
      const FinishedStage stage = late ? FinishedStage{.exit_code = static_cast<int>(ErrorCode::kNothingRan),
                                                       .problem = "left out, for the time was over (--time)"}
                                       : run_stage(plan, run, directory, limits.workers, stop);
      if (refused_at_once(stage, results)) {
        throw plan_error(plan, run.stage->line, "the stage " + run.id + " was refused; its message stands above");
      }
      directory.finish(run.id, stage);
      if (stage.document.is_null()) {
        print_error("stage " + run.id + ": " + stage.problem + "; --resume tries it again");
      }
    }
    results.push_back(directory.stage(run));
  }
  return results;
}

}  // namespace faultline
