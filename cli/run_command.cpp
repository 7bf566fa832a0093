#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/nightly_checks.h"
#include "faultline/cli/nightly_estimate.h"
#include "faultline/cli/nightly_reports.h"
#include "faultline/cli/nightly_stages.h"
#include "faultline/cli/plan_overrides.h"
#include "faultline/cli/session.h"
#include "faultline/core/error.h"
#include "faultline/data/file.h"
#include "faultline/data/json.h"
#include "faultline/data/sha256.h"
#include "faultline/eval/evidence.h"
#include "faultline/eval/run_directory.h"
#include "faultline/nightly/baseline.h"
#include "faultline/nightly/gate.h"
#include "faultline/nightly/nightly_directory.h"
#include "faultline/nightly/nightly_summary.h"
#include "faultline/nightly/plan_change.h"
#include "faultline/nightly/plan_file.h"
#include "faultline/nightly/stage_command.h"

namespace faultline {

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kTime = "--time";

struct NightlyFlags {
  std::string plan{};
  std::string baseline{};
  std::string time{};
  bool dry_run = false;
  OverrideFlags overrides{};
  RunFlags run{};
  NightlyReportFlags report{};
};

/// The bytes of a plan that was read.
std::string text_of(const std::filesystem::path& path) {
  const MappedFile file(path);
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

/// Which run this is: the plan, what is changed in it, and the models that it is about. Throws Error (kUsage) when one
/// cannot be read.
Json identity_of(const PlanFile& plan) {
  Json identity{{"sha256", plan.sha256}, {"models", Json::object()}, {"changes", changes_json(plan.changes)}};
  for (const PlanModel& model : plan.models) {
    identity["models"][model.name] = sha256_of(std::filesystem::path(model.path));
  }
  return identity;
}

RunIdentity run_identity(const PlanFile& plan, const std::string& begun) {
  RunIdentity run{.plan = identity_of(plan)};
  const std::string text = json_text(run.plan);
  run.plan_hash = sha256_of(std::as_bytes(std::span(text)));
  run.plan["file"] = plan.path.string();  // where it lies and when it began are no part of what it is
  run.plan["begun"] = begun;
  return run;
}

/// Throws Error (kUsage) with the plan's line for a model that is not there. The current directory is the plan's.
void check_models(const PlanFile& plan) {
  for (const PlanModel& model : plan.models) {
    if (!std::filesystem::exists(model.path)) {
      throw plan_error(plan, model.line, "no file " + model.path + "; paths are relative to the plan");
    }
  }
}

bool compares(const Gate& gate) {
  return gate.kind == Gate::Kind::kMaxDrop || gate.kind == Gate::Kind::kMaxRelativeDrop ||
         gate.kind == Gate::Kind::kNoNewFailures;
}

/// What drops are measured from. The plan's own file need not exist yet: the first run is what it is made of.
Baseline baseline_of(const PlanFile& plan, const std::string& path, bool of_plan) {
  if (of_plan && !path.empty() && !std::filesystem::exists(path)) {
    if (std::ranges::any_of(plan.gates, compares)) {
      print_notice(plan.baseline +
                   " does not exist yet: gates that compare are not measured; make it of this run with "
                   "faultline baseline update");
    }
    return {};
  }
  Baseline baseline = path.empty() ? Baseline{} : read_baseline(path);
  const std::vector<StageRun> runs = stage_runs(plan);
  for (const auto& [id, stage] : baseline) {
    if (std::ranges::find(runs, id, &StageRun::id) == runs.end()) {
      print_notice("the baseline has a stage " + id + " that the plan does not have; was it renamed?");
    }
  }
  return baseline;
}

/// Cuts that an earlier part of the run made, which --resume keeps. Of a stage that the plan no longer has: it is
/// another plan, which opening the directory refuses.
std::vector<PlanChange> earlier_cuts(const PlanFile& plan, const NightlyDirectory& directory) {
  std::vector<PlanChange> cuts = directory.changes();
  std::erase_if(cuts, [&](const PlanChange& change) {
    return !change.why.starts_with(kTime) || plan.stage(change.stage) == nullptr;
  });
  return cuts;
}

void cut(PlanFile& plan, const std::vector<PlanChange>& cuts) {
  for (const PlanChange& change : cuts) {
    apply_change(plan, change);
    print_notice("cut: " + change_text(change));
    if (std::ranges::any_of(plan.gates,
                            [&](const Gate& gate) { return gate.stage == change.stage && compares(gate); })) {
      print_notice("gates of " + change.stage +
                   " that compare are not measured: with another limit it is no longer the stage of the baseline");
    }
  }
}

/// Cuts the plan to --time, or as the resumed run was cut. Returns what the stages take, where it was estimated.
std::vector<StageEstimate> settle(PlanFile& plan, const NightlyFlags& flags, const NightlyDirectory& directory,
                                  const CommandContext& context) {
  const bool resumes = flags.run.resume && !directory.identity().is_null();
  if (resumes) {
    cut(plan, earlier_cuts(plan, directory));
  }
  const bool fits = !flags.time.empty() && !resumes;
  std::vector<StageEstimate> estimates;
  if (fits || flags.dry_run) {
    const auto begin = Clock::now();
    estimates = estimate_stages(plan, context, flags.run.workers);
    if (fits) {
      const double spent = std::chrono::duration<double>(Clock::now() - begin).count();
      const std::vector<PlanChange> cuts =
          cuts_for(plan, estimates, parse_duration(flags.time, kTime) - spent, kTime + (" " + flags.time));
      cut(plan, cuts);
      scale(estimates, cuts);
    }
  }
  return estimates;
}

/// Throws Error (kUsage) when a run is resumed with other flags than it was begun with.
void refuse_other_changes(const PlanFile& plan, const NightlyFlags& flags, const NightlyDirectory& directory) {
  const Json identity = directory.identity();
  const bool same_plan = flags.run.resume && !identity.is_null() && identity.value("sha256", "") == plan.sha256;
  if (!same_plan || identity.at("changes") == changes_json(plan.changes)) {
    return;
  }
  const auto text_of_all = [](const std::vector<PlanChange>& changes) {
    std::string text;
    for (const PlanChange& change : changes) {
      text += (text.empty() ? "" : "; ") + change_text(change);
    }
    return text.empty() ? "nothing" : text;
  };
  throw Error{ErrorCode::kUsage, "--resume: another run: the flags changed " + text_of_all(directory.changes()) +
                                     " in the plan when it began, and now " + text_of_all(plan.changes) +
                                     "; give the same flags"};
}

int run_nightly(const NightlyFlags& flags, const CommandContext& context) {
  if (flags.run.out.empty() && !flags.dry_run) {
    throw Error{ErrorCode::kUsage, "--out is required: the directory for the run's stages and reports"};
  }
  const auto deadline = flags.time.empty()
                            ? Clock::time_point::max()
                            : Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                 std::chrono::duration<double>(parse_duration(flags.time, kTime)));
  PlanFile plan = read_plan_file(flags.plan);
  const std::string text = text_of(flags.plan);
  apply_overrides(plan, flags.overrides, context.registries);
  check_stages(plan, context.registries);
  RunFlags run = flags.run;
  run.out = flags.run.out.empty() ? "" : std::filesystem::absolute(flags.run.out).string();
  ReportSetting report = report_setting(flags.report);
  const std::string baseline_path =
      flags.baseline.empty() ? plan.baseline : std::filesystem::absolute(flags.baseline).string();
  std::filesystem::current_path(std::filesystem::absolute(plan.folder()));  // paths of the plan are relative to it
  check_models(plan);
  const Baseline baseline = baseline_of(plan, baseline_path, flags.baseline.empty());
  const NightlyDirectory directory(run.out);
  const std::vector<StageEstimate> estimates = settle(plan, flags, directory, context);
  if (flags.dry_run) {
    print(flags.report.json ? json_text(estimate_json(plan, estimates)) : estimate_text(plan, estimates));
    return 0;
  }

  refuse_other_changes(plan, flags, directory);
  const std::unique_ptr<RunDirectory> opened = open_run_directory(run, run_identity(plan, utc_now()));
  opened->write(directory.plan_file().filename(), text);
  if (baseline.empty()) {
    std::filesystem::remove(directory.baseline_file());  // of an earlier part of the run
  } else {
    opened->write(directory.baseline_file().filename(), json_text(baseline_json(baseline)));
  }
  NightlySummary summary =
      summarise(plan, run_stages(plan, directory, {flags.run.workers, deadline}, context.stop), baseline);
  summary.begun = directory.identity().value("begun", "");
  summary.ended = utc_now();
  report_night(summary, directory, std::move(report));
  return summary.exit_code;
}

}  // namespace

void add_run_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<NightlyFlags>();
  CLI::App* command = app.add_subcommand("run", "a plan: its stages one after another, its gates, its reports");
  command->footer(
      "Examples:\n"
      "  faultline run plan.toml --out night1\n"
      "  faultline run plan.toml --out night1 --time 8h --resume\n\n"
      "Runs every stage of the plan in a process of its own, compares what was measured with the plan's gates, and "
      "writes report.html,\n"
      "report.md, junit.xml, metrics.prom, measures.csv and summary.json. Paths in the plan are relative to it. Exit 1 "
      "when a gate fails, 7 when one is\n"
      "inconclusive and its plan says that this fails, 3 when a stage did not finish, 5 when --time left one out. "
      "docs/plan.md explains the file.");
  command->add_option("PLAN", flags->plan, "plan file, TOML")->required();
  command->add_option("--baseline", flags->baseline,
                      "run directory or baseline file that drops are measured from (default: `baseline` of the plan)");
  command->add_flag("--dry-run", flags->dry_run,
                    "try every stage on a few samples, print what all of it would take, and write nothing");
  command->add_option(
      "--time", flags->time,
      "fit into so much time, like 90s, 10m or 8h: every stage gets fewer samples, and the report says so");
  add_override_flags(*command, flags->overrides);
  add_workers_flag(*command, flags->run.workers);
  command->add_option("--out", flags->run.out, "directory to write (new or empty)");
  command->add_flag("--resume", flags->run.resume, "continue the run in --out");
  add_nightly_report_flags(*command, flags->report);
  command->callback([flags, context] { context.chosen = [flags, context] { return run_nightly(*flags, context); }; });
}

}  // namespace faultline
