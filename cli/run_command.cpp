#include <CLI/CLI.hpp>

#include <array>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/nightly_checks.h"
#include "faultline/cli/session.h"
#include "faultline/cli/stage_process.h"
#include "faultline/core/error.h"
#include "faultline/data/json.h"
#include "faultline/data/sha256.h"
#include "faultline/eval/evidence.h"
#include "faultline/eval/run_directory.h"
#include "faultline/nightly/baseline.h"
#include "faultline/nightly/gate.h"
#include "faultline/nightly/nightly_directory.h"
#include "faultline/nightly/nightly_summary.h"
#include "faultline/nightly/plan_file.h"
#include "faultline/nightly/stage_command.h"
#include "faultline/report/html_report.h"
#include "faultline/report/nightly_junit.h"
#include "faultline/report/nightly_markdown.h"

namespace faultline {

namespace {

struct NightlyFlags {
  std::string plan{};
  std::string baseline{};
  RunFlags run{};
};

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
FinishedStage run_stage(const PlanFile& plan, const StageRun& run, const NightlyDirectory& directory,
                        const NightlyFlags& flags, const std::atomic<bool>& stop) {
  const bool resumes = is_resumable(*run.stage) && directory.has_begun(run.id);
  if (!resumes) {
    directory.clear(run.id);
  }
  StageChanges changes{.out = directory.stage_folder(run.id), .resume = resumes};
  if (flags.run.workers > 0) {
    changes.settings.push_back({"workers", {std::to_string(flags.run.workers)}, 0});
  }
  const StageEnd end = run_stage_process(command_words(plan, run, changes), stop);
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
StageResult result_of(const PlanFile& plan, const StageRun& run, const NightlyDirectory& directory,
                      const NightlyFlags& flags, const std::atomic<bool>& stop) {
  std::optional<FinishedStage> stage = directory.finished(run.id);
  if (!stage) {
    stage = run_stage(plan, run, directory, flags, stop);
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

std::vector<StageResult> run_stages(const PlanFile& plan, const NightlyDirectory& directory, const NightlyFlags& flags,
                                    const std::atomic<bool>& stop) {
  std::vector<StageResult> results;
  const std::vector<StageRun> runs = stage_runs(plan);
  for (std::size_t number = 0; number < runs.size(); ++number) {
    const StageRun& run = runs[number];
    if (stop) {
      throw Error{ErrorCode::kInterrupted,
                  "interrupted before stage " + run.id + "; continue with the same command and --resume"};
    }
    print_notice("stage " + std::to_string(number + 1) + " of " + std::to_string(runs.size()) + ": " + run.id + ", " +
                 run.stage->kind + (directory.finished(run.id) ? ", done before" : ""));
    results.push_back(result_of(plan, run, directory, flags, stop));
  }
  return results;
}

/// Whether a limit of the command itself failed, such as fail-on, and no gate judges that.
bool fails_by_itself(const StageResult& stage, const PlanFile& plan) {
  const bool judged = std::ranges::any_of(plan.gates, [&](const Gate& gate) {
    return gate.stage == stage.run.stage->name && gate.kind == Gate::Kind::kCorpusMustPass;
  });
  return stage.exit_code == 1 && !judged;
}

int exit_code_of(const NightlySummary& summary) {
  constexpr int kInternal = 3;
  const auto ended_with = [&](int code) {
    return std::ranges::any_of(summary.stages, [&](const StageResult& stage) { return stage.exit_code == code; });
  };
  if (std::ranges::any_of(summary.stages,
                          [&](const StageResult& stage) { return fails_by_itself(stage, summary.plan); })) {
    return 1;
  }
  const int gates = exit_code_of(summary.gates);
  const bool unfinished =
      std::ranges::any_of(summary.stages, [](const StageResult& stage) { return stage.document.is_null(); });
  if (gates != 0 || !unfinished) {
    return gates;
  }
  constexpr int kNothingRan = static_cast<int>(ErrorCode::kNothingRan);
  return ended_with(kNothingRan) ? kNothingRan : kInternal;
}

/// Stages whose own limits failed, for the report.
std::vector<std::string> notes_of(const NightlySummary& summary) {
  std::vector<std::string> notes;
  for (const StageResult& stage : summary.stages) {
    if (fails_by_itself(stage, summary.plan)) {
      notes.push_back("stage " + stage.run.id + " failed by a limit of its own (fail-on, fail-under)");
    }
  }
  return notes;
}

/// Which run this is: the plan, and the models that it is about. Throws Error (kUsage) when one cannot be read.
Json identity_of(const PlanFile& plan) {
  Json identity{{"sha256", plan.sha256}, {"models", Json::object()}};
  for (const PlanModel& model : plan.models) {
    identity["models"][model.name] = sha256_of(std::filesystem::path(model.path));
  }
  return identity;
}

void print_gates(const NightlySummary& summary) {
  std::string text = "\n";
  for (const GateResult& gate : summary.gates) {
    const bool passed = gate.outcome == GateResult::Outcome::kPassed;
    const std::string mark = passed ? "PASS" : fails(gate) ? "FAIL" : "WARN";
    text += "  " + (mark == "FAIL" ? bold(mark) : mark) + "  " + on_one_line(gate.gate->name) +
            (summary.plan.models.size() > 1 && gate.gate->model.empty() ? " [" + gate.model + "]" : "") + "\n        " +
            on_one_line(gate.reason) +
            (passed ? ""
                    : " (" + name_of(gate.outcome) + ", " + summary.plan.path.filename().string() + ":" +
                          std::to_string(gate.gate->line) + ")") +
            "\n";
  }
  print(text + "\n" + bold(verdict_of(summary)) + ": " + sentence_of(summary) + "\n");
}

/// What drops are measured from. The plan's own file need not exist yet: the first run is what it is made of.
Baseline baseline_of(const PlanFile& plan, const std::string& path, bool of_plan) {
  if (of_plan && !path.empty() && !std::filesystem::exists(path)) {
    print_notice(plan.baseline +
                 " does not exist yet: gates that compare are not measured; make it of this run with "
                 "faultline baseline update");
    return {};
  }
  return path.empty() ? Baseline{} : read_baseline(path);
}

int run_nightly(const NightlyFlags& flags, const CommandContext& context) {
  if (flags.run.out.empty()) {
    throw Error{ErrorCode::kUsage, "--out is required: the directory for the run's stages and reports"};
  }
  const PlanFile plan = read_plan_file(flags.plan);
  check_stages(plan, context.registries);
  RunFlags run = flags.run;
  run.out = std::filesystem::absolute(flags.run.out);
  const std::string baseline_path =
      flags.baseline.empty() ? plan.baseline : std::filesystem::absolute(flags.baseline).string();
  std::filesystem::current_path(std::filesystem::absolute(plan.folder()));  // paths of the plan are relative to it
  const Baseline baseline = baseline_of(plan, baseline_path, flags.baseline.empty());

  const Json identity = identity_of(plan);
  const std::string text = identity.dump();
  const std::unique_ptr<RunDirectory> directory =
      open_run_directory(run, {.plan_hash = sha256_of(std::as_bytes(std::span(text))), .plan = identity});
  NightlySummary summary{.plan = plan,
                         .stages = run_stages(plan, NightlyDirectory(directory->path()), flags, context.stop)};
  summary.gates = judge_gates(plan, summary.stages, baseline);
  summary.exit_code = exit_code_of(summary);
  summary.notes = notes_of(summary);
  directory->write("summary.json", json_text(nightly_json(summary)));
  directory->write("junit.xml", junit_xml(nightly_junit(summary)));
  directory->write("report.md", nightly_markdown(summary));
  directory->write("report.html", html_report({.summary = summary, .header = {{"evidence", evidence_json()}}}));
  if (flags.run.json) {
    print(json_text(nightly_json(summary)));
  } else {
    print_gates(summary);
    print("written: " + directory->path().string() + " (report.html, report.md, junit.xml, summary.json, stages/)\n");
  }
  return summary.exit_code;
}

}  // namespace

void add_run_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<NightlyFlags>();
  CLI::App* command = app.add_subcommand("run", "a plan: its stages one after another, its gates, its reports");
  command->footer(
      "Examples:\n"
      "  faultline run plan.toml --out night1\n"
      "  faultline run plan.toml --out night1 --resume\n\n"
      "Runs every stage of the plan in a process of its own, compares what was measured with the plan's gates, and "
      "writes "
      "report.html,\n"
      "report.md, junit.xml and summary.json. Paths in the plan are relative to it. Exit 1 when a gate fails, 7 when "
      "one is "
      "inconclusive and its plan says\n"
      "that this fails, 3 when a stage did not finish. docs/plan.md explains the file.");
  command->add_option("PLAN", flags->plan, "plan file, TOML")->required();
  command->add_option("--baseline", flags->baseline,
                      "run directory or baseline file that drops are measured from (default: `baseline` of the plan)");
  add_workers_flag(*command, flags->run.workers);
  command->add_option("--out", flags->run.out, "directory to write (new or empty)");
  command->add_flag("--resume", flags->run.resume, "continue the run in --out");
  command->add_flag("--json", flags->run.json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags, context] { return run_nightly(*flags, context); }; });
}

}  // namespace faultline
