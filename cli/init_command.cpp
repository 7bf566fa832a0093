#include <CLI/CLI.hpp>

#include <array>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/flags.h"
#include "faultline/cli/nightly_checks.h"
#include "faultline/cli/stage_process.h"
#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/data/file.h"
#include "faultline/data/json.h"
#include "faultline/nightly/measure.h"
#include "faultline/nightly/stage_command.h"

namespace faultline {

namespace {

struct InitFlags {
  ModelFlags model{};
  DataFlags data{};
  std::string norm = "linf";
  std::string epsilon = "8/255";
  std::string out = "plan.toml";
  int workers = 0;
};

constexpr std::int64_t kSamples = 300;  // of a pull request's plan: a minute or so

/// A TOML string.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04X", byte);
      result += escape.data();
    } else {
      result += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    }
  }
  return result + "\"";
}

/// A path as it is written in a plan that lies in `folder`; what is no file is left as it is.
std::string from_folder(const std::string& path, const std::filesystem::path& folder) {
  const std::string seen = std::filesystem::exists(path) ? std::filesystem::proximate(path, folder).string() : path;
  return seen.starts_with('-') ? "./" + seen : seen;  // else it would be taken for a flag
}

/// "mnist:data" and the like, with its paths as from the folder.
std::string data_from_folder(const std::string& source, const std::filesystem::path& folder) {
  const std::size_t colon = source.find(':');
  const std::string kind = colon == std::string::npos ? "" : source.substr(0, colon + 1);
  std::string result = kind;
  std::size_t begin = kind.size();
  while (begin <= source.size()) {
    const std::size_t end = std::min(source.find(',', begin), source.size());
    result += (begin == kind.size() ? "" : ",") + from_folder(source.substr(begin, end - begin), folder);
    begin = end + 1;
  }
  return result;
}

/// Two digits, rounded down: a limit that today's value keeps.
std::string rounded_down(double value) {
  constexpr double kHundred = 100;
  return shortest(std::floor(value * kHundred) / kHundred);
}

/// Runs the plan's first stage as it is today.
StageEnd run_today(const PlanFile& plan, const InitFlags& flags, const std::atomic<bool>& stop) {
  return run_stage_process(command_words(plan, stage_runs(plan).at(0), {.workers = flags.workers}), stop);
}

std::string setting_lines(const std::vector<PlanSetting>& settings) {
  std::string text;
  for (const PlanSetting& setting : settings) {
    text += setting.key + " = " + (setting.values.empty() ? "true" : quoted(setting.values.front())) + "\n";
  }
  return text;
}

std::vector<PlanSetting> model_settings(const ModelFlags& model) {
  std::vector<PlanSetting> settings;
  for (const auto& [key, value] :
       {std::pair("output", model.output), std::pair("mean", model.mean), std::pair("std", model.std)}) {
    if (!value.empty()) {
      settings.push_back({key, {value}, 0});
    }
  }
  if (model.binary) {
    settings.push_back({"binary", {}, 0});
  }
  return settings;
}

std::vector<PlanSetting> data_settings(const DataFlags& data, const std::filesystem::path& folder) {
  std::vector<PlanSetting> settings;
  for (const auto& [key, value] :
       {std::pair("bounds", data.bounds == DataFlags{}.bounds ? "" : data.bounds), std::pair("resize", data.resize),
        std::pair("crop", data.crop), std::pair("layout", data.layout),
        std::pair("classes", data.classes.empty() ? "" : from_folder(data.classes, folder))}) {
    if (!value.empty()) {
      settings.push_back({key, {value}, 0});
    }
  }
  return settings;
}

std::string plan_text(const PlanFile& plan, const std::map<std::string, Measure>& today) {
  const PlanModel& model = plan.models.front();
  const PlanStage& stage = plan.stages.front();
  const auto low = [&](const std::string& name) { return rounded_down(today.at(name).interval->low); };
  const auto value = [&](const std::string& name) { return shortest(today.at(name).value); };
  return "# A pull request's plan: run it with `faultline run`, look at it with `faultline plan lint`.\n"
         "# Paths are relative to this file; every key of a stage is a flag of its command.\n"
         "goal = \"the model keeps the accuracy and the robustness that it had when this plan was written\"\n"
         "baseline = \"baseline.json\"   # what drops are measured from; written by `faultline baseline update`\n\n"
         "[model]\nname = \"model\"\npath = " +
         quoted(model.path) + "\n" + setting_lines(model.settings) + "\n[data]\nsource = " + quoted(plan.data.source) +
         "\n" + setting_lines(plan.data.settings) + "\n[[stage]]\nname = " + quoted(stage.name) +
         "\nkind = " + quoted(stage.kind) + "   # also curve, corruptions, fuzz, replay\n" +
         setting_lines(stage.settings) +
         "\n# The lower ends of today's intervals, rounded down.\n"
         "[[gate]]\nstage = " +
         quoted(stage.name) + "\nmeasure = \"clean_accuracy\"    # today " + value("clean_accuracy") +
         "\nmin = " + low("clean_accuracy") + "\n\n[[gate]]\nstage = " + quoted(stage.name) +
         "\nmeasure = \"robust_accuracy\"   # today " + value("robust_accuracy") + "\nmin = " + low("robust_accuracy") +
         "\n\n# Whatever an attack claims is verified; a claim that does not hold is a defect of the attack or the "
         "model.\n"
         "[[gate]]\nstage = " +
         quoted(stage.name) +
         "\nmeasure = \"rejected\"\nmax = 0\n\n"
         "# Once there is a baseline, no later model may fail where this one did not:\n"
         "# [[gate]]\n# stage = " +
         quoted(stage.name) + "\n# no-new-failures = true\n";
}

int init(const InitFlags& flags, const CommandContext& context) {
  const std::filesystem::path out = std::filesystem::absolute(flags.out);
  if (std::filesystem::exists(out)) {
    throw Error{ErrorCode::kUsage, "--out " + flags.out + ": it exists; choose another name, or remove it"};
  }
  const std::filesystem::path folder = out.parent_path();
  if (!std::filesystem::is_directory(folder)) {
    throw Error{ErrorCode::kUsage, "--out " + flags.out + ": its folder does not exist"};
  }
  PlanFile plan{.path = out};
  plan.models = {
      {.name = "model", .path = from_folder(flags.model.path, folder), .settings = model_settings(flags.model)}};
  plan.data = {.source = data_from_folder(flags.data.spec, folder), .settings = data_settings(flags.data, folder)};
  const std::int64_t limit = flags.data.limit < 0 ? kSamples : flags.data.limit;
  plan.data.settings.push_back({"limit", {std::to_string(limit)}, 0});
  if (flags.data.offset > 0) {
    plan.data.settings.push_back({"offset", {std::to_string(flags.data.offset)}, 0});
  }
  plan.stages = {{.name = flags.norm,
                  .kind = "attack",
                  .settings = {{"norm", {flags.norm}, 0}, {"epsilon", {flags.epsilon}, 0}, {"preset", {"fast"}, 0}}}};
  check_stages(plan, context.registries);
  std::filesystem::current_path(folder);
  const StageEnd today = run_today(plan, flags, context.stop);
  const Json document = parse_json(today.out);
  if (today.exit_code != 0 || document.is_discarded()) {
    return today.exit_code == 0 ? static_cast<int>(ErrorCode::kUsage) : today.exit_code;  // it has said why
  }
  const std::string text = plan_text(plan, measures_of(document));
  write_file(out, std::array{std::as_bytes(std::span(text))});
  print("written: " + flags.out + "\nrun it:  faultline run " + flags.out + " --out night1\n");
  return 0;
}

}  // namespace

void add_init_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<InitFlags>();
  CLI::App* command = app.add_subcommand("init", "write a plan for a model, with gates that its values of today keep");
  command->footer(
      "Examples:\n"
      "  faultline init model.pt --data mnist:tests/data --epsilon 0.1\n"
      "  faultline init model.pt --data cifar10:DIR --epsilon 2/255 --limit 500 --out plans/pull_request.toml\n\n"
      "Attacks the first 300 samples (or --limit) with the preset fast, and writes a commented plan whose gates are "
      "what "
      "was measured,\n"
      "with room for chance. It is meant to be changed: docs/plan.md.");
  add_model_flags(*command, flags->model);
  add_data_flags(*command, flags->data, /*required=*/true);
  command->get_option("--limit")->description("at most this many samples (default: " + std::to_string(kSamples) + ")");
  command->add_option("--norm", flags->norm, "linf, l2 or l1")->capture_default_str();
  command->add_option("--epsilon", flags->epsilon, "budget in input units; 8/255 is accepted")->capture_default_str();
  add_workers_flag(*command, flags->workers);
  command->add_option("--out", flags->out, "file to write; it must not exist")->capture_default_str();
  command->callback([flags, context] { context.chosen = [flags, context] { return init(*flags, context); }; });
}

}  // namespace faultline
