#include "faultline/cli/nightly_stages.h"

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
  return exit_code == static_cast<int>(ErrorCode::kNothingRan)
             ? "nothing ran"
             : "it ended with exit code " + std::to_string(exit_code) + "; see its message above";
}

/// Runs a stage that has not ended yet. Throws Error (kInterrupted, kUsage).
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
  if (end.exit_code == static_cast<int>(ErrorCode::kUsage)) {
    throw plan_error(plan, run.stage->line, "the stage " + run.id + " was refused; its message stands above");
  }
  return {.exit_code = end.exit_code, .document = document.is_discarded() ? Json() : document};
}

/// What a stage came to, run now unless it has ended before. A stage that ended without a document is tried again by
/// --resume.
StageResult result_of(const PlanFile& plan, const StageRun& run, const NightlyDirectory& directory, int workers,
                      const std::atomic<bool>& stop) {
  std::optional<FinishedStage> stage = directory.finished(run.id);
  if (!stage) {
    stage = run_stage(plan, run, directory, workers, stop);
    if (!stage->document.is_null()) {
      directory.finish(run.id, *stage);
    }
  }
  StageResult result{
      .run = run, .document = stage->document, .exit_code = stage->exit_code, .folder = directory.stage_folder(run.id)};
  if (result.document.is_null()) {
    result.problem = problem_of(stage->exit_code);
    print_error("stage " + run.id + ": " + result.problem + "; --resume tries it again");
  } else {
    result.comparable = comparable_of(result.document, result.folder);
  }
  return result;
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
    if (std::chrono::steady_clock::now() > limits.deadline && !directory.finished(run.id)) {
      print_error("stage " + run.id + " is left out: --time is over; --resume runs it");
      results.push_back({.run = run,
                         .problem = "left out, for the time was over (--time)",
                         .exit_code = static_cast<int>(ErrorCode::kNothingRan),
                         .folder = directory.stage_folder(run.id)});
      continue;
    }
    print_notice("stage " + std::to_string(number + 1) + " of " + std::to_string(runs.size()) + ": " + run.id + ", " +
                 run.stage->kind + (directory.finished(run.id) ? ", done before" : ""));
    results.push_back(result_of(plan, run, directory, limits.workers, stop));
  }
  return results;
}

}  // namespace faultline
