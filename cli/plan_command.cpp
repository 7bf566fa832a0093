#include <CLI/CLI.hpp>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/nightly_checks.h"
#include "faultline/core/error.h"
#include "faultline/data/json.h"
#include "faultline/nightly/stage_command.h"
#include "faultline/report/command_line.h"

namespace faultline {

namespace {

struct PlanFlags {
  std::string plan{};
  bool json = false;
};

int lint(const PlanFlags& flags, const CommandContext& context) {
  const PlanFile plan = read_plan_file(flags.plan);
  check_stages(plan, context.registries);
  Json commands = Json::array();
  std::string text;
  for (const StageRun& run : stage_runs(plan)) {
    Json words = command_words(plan, run, {});
    words.erase(words.size() - 1);  // --json
    std::string line = "faultline";
    for (const Json& word : words) {
      line += " " + shell_word(on_one_line(word.get<std::string>()));
    }
    text += "  " + run.id + ": " + line + "\n";
    commands.push_back({{"stage", run.stage->name}, {"model", run.model->name}, {"words", words}});
  }
  if (flags.json) {
    print(json_text(
        {{"schema", "faultline.plan/1"}, {"sha256", plan.sha256}, {"stages", commands}, {"gates", plan.gates.size()}}));
  } else {
    print("ok: " + std::to_string(commands.size()) + " stages, " + std::to_string(plan.gates.size()) + " gates\n" +
          text);
  }
  return 0;
}

}  // namespace

void add_plan_command(CLI::App& app, const CommandContext& context) {
  CLI::App* plan = app.add_subcommand("plan", "look at a plan without running it");
  plan->footer(
      "Examples:\n"
      "  faultline plan lint plan.toml\n"
      "  faultline plan lint plan.toml --json");
  plan->require_subcommand(1);
  auto flags = std::make_shared<PlanFlags>();
  CLI::App* command = plan->add_subcommand("lint", "whether a plan is one, and the commands that it stands for");
  command->footer(
      "Examples:\n"
      "  faultline plan lint plan.toml\n"
      "  faultline plan lint plan.toml --json\n\n"
      "Reads the file, refuses unknown keys and names with their line, and prints the command of every stage.");
  command->add_option("PLAN", flags->plan, "plan file, TOML")->required();
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags, context] { return lint(*flags, context); }; });
}

}  // namespace faultline
