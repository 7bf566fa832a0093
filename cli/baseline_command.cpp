#include <CLI/CLI.hpp>

#include <array>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/data/file.h"
#include "faultline/data/json.h"
#include "faultline/eval/evidence.h"
#include "faultline/nightly/baseline.h"
#include "faultline/nightly/json_file.h"
#include "faultline/nightly/nightly_directory.h"
#include "faultline/nightly/plan_file.h"

namespace faultline {

namespace {

struct BaselineFlags {
  std::string plan{};
  std::string run{};
  std::string reason{};
  bool allow_lower = false;
};

/// What a run of the plan measured. Throws Error (kUsage) when a stage is missing.
Baseline read_run(const PlanFile& plan, const std::filesystem::path& run) {
  const NightlyDirectory directory(run);
  const Json identity = directory.identity();
  if (identity.is_null() || identity.value("sha256", "") != plan.sha256) {
    throw Error{ErrorCode::kUsage, run.string() +
                                       ": the run of another plan, or of an earlier version of this one; run "
                                       "the plan as it is, then make its run the baseline"};
  }
  if (!identity.at("changes").empty()) {
    throw Error{ErrorCode::kUsage, run.string() +
                                       ": the run changed the plan (by flags such as --limit or --time); a baseline is "
                                       "made of a run of the plan as it is"};
  }
  const std::vector<StageResult> stages = directory.stages(plan);
  for (const StageResult& stage : stages) {
    if (stage.document.is_null()) {
      throw Error{ErrorCode::kUsage, run.string() + ": stage " + stage.run.id +
                                         " has not finished there; a baseline is made of a whole run of the plan"};
    }
  }
  return baseline_of(stages);
}

/// "linf: robust_accuracy falls from 0.91 to 0.88": accuracies that the new baseline lowers.
std::vector<std::string> lowered(const Baseline& before, const Baseline& now) {
  std::vector<std::string> lines;
  for (const auto& [id, stage] : now) {
    const auto known = before.find(id);
    if (known == before.end()) {
      continue;
    }
    for (const auto& [name, measure] : stage.measures) {
      const auto old = known->second.measures.find(name);
      const bool accuracy = name.find("accuracy") != std::string::npos;
      if (accuracy && old != known->second.measures.end() && measure.value < old->second.value) {
        lines.push_back(id + ": " + name + " falls from " + shortest(old->second.value) + " to " +
                        shortest(measure.value));
      }
    }
  }
  return lines;
}

/// What earlier updates of the file say.
Json earlier_updates(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) {
    return Json::array();
  }
  const Json json = read_json_file(path);
  return json.contains("updates") && json.at("updates").is_array() ? json.at("updates") : Json::array();
}

int update(const BaselineFlags& flags) {
  const PlanFile plan = read_plan_file(flags.plan);
  if (plan.baseline.empty()) {
    throw plan_error(plan, 1, "the plan names no file; add baseline = \"baseline.json\"");
  }
  const std::filesystem::path path = plan.folder() / plan.baseline;
  const Baseline measured = read_run(plan, flags.run);
  if (std::filesystem::exists(path)) {
    const std::vector<std::string> lower = lowered(read_baseline(path), measured);
    const bool reason = flags.reason.find_first_not_of(' ') != std::string::npos;
    if (!lower.empty() && !(flags.allow_lower && reason)) {
      throw Error{ErrorCode::kUsage, lower.front() + " (" + std::to_string(lower.size()) +
                                         " accuracies in all); a baseline only rises, unless --allow-lower --reason "
                                         "TEXT says why it may fall"};
    }
  }
  Json json = baseline_json(measured);
  json["updates"] = earlier_updates(path);
  json["updates"].push_back({{"utc", utc_now()}, {"plan", plan.sha256}, {"reason", flags.reason}});
  const std::string text = json_text(json);
  write_file(path, std::array{std::as_bytes(std::span(text))});
  print("written: " + path.string() + ", " + std::to_string(measured.size()) + " stages\n");
  return 0;
}

}  // namespace

void add_baseline_command(CLI::App& app, const CommandContext& context) {
  CLI::App* baseline = app.add_subcommand("baseline", "what drops are measured from");
  baseline->footer(
      "Examples:\n"
      "  faultline baseline update plan.toml night1\n"
      "  faultline baseline update plan.toml night1 --allow-lower --reason \"harder data since May\"");
  baseline->require_subcommand(1);
  auto flags = std::make_shared<BaselineFlags>();
  CLI::App* command = baseline->add_subcommand("update", "make a run the plan's baseline");
  command->footer(
      "Examples:\n"
      "  faultline baseline update plan.toml night1\n"
      "  faultline baseline update plan.toml night1 --allow-lower --reason \"harder data since May\"\n\n"
      "Writes the file that the plan calls `baseline`: small enough for a repository, and enough for gates that "
      "compare. "
      "It lowers no\n"
      "accuracy unless told why, and keeps the reasons.");
  command->add_option("PLAN", flags->plan, "plan file, TOML")->required();
  command->add_option("RUN", flags->run, "directory of a finished run of the plan")->required();
  command->add_option("--reason", flags->reason, "why, in a sentence; kept in the file");
  command->add_flag("--allow-lower", flags->allow_lower, "accuracies may be lower than before; needs --reason");
  command->callback([flags, context] { context.chosen = [flags] { return update(*flags); }; });
}

}  // namespace faultline
