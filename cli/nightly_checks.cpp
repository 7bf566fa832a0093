#include "faultline/cli/nightly_checks.h"

#include <algorithm>

#include "faultline/cli/commands.h"
#include "faultline/nightly/stage_command.h"

namespace faultline {

namespace {

/// Keys that the run sets itself.
const std::vector<std::string> kOfTheRun{"out", "resume", "json", "help"};

/// The setting that a message about flags speaks of; none: the stage as a whole.
const PlanSetting* setting_named(const std::vector<const std::vector<PlanSetting>*>& lists,
                                 const std::string& message) {
  for (const std::vector<PlanSetting>* list : lists) {
    for (const PlanSetting& setting : *list) {
      const std::size_t place = message.find("--" + setting.key);
      const std::size_t behind = place + setting.key.size() + 2;
      if (place != std::string::npos &&
          (behind >= message.size() || std::isalnum(static_cast<unsigned char>(message[behind])) == 0)) {
        return &setting;
      }
    }
  }
  return nullptr;
}

/// "unknown option '--epsilom'; did you mean '--epsilon'?" in the words of a plan.
std::string in_words_of_a_plan(std::string message) {
  for (std::size_t place = message.find("--"); place != std::string::npos; place = message.find("--", place)) {
    message.erase(place, 2);
  }
  const std::string option = "unknown option";
  return message.starts_with(option) ? "unknown key" + message.substr(option.size()) : message;
}

}  // namespace

void check_stages(const PlanFile& plan, const Registries& registries) {
  for (const StageRun& run : stage_runs(plan)) {
    const std::vector<const std::vector<PlanSetting>*> lists{&run.stage->settings, &plan.data.settings,
                                                             &run.model->settings};
    for (const std::vector<PlanSetting>* list : lists) {
      for (const PlanSetting& setting : *list) {
        if (std::ranges::find(kOfTheRun, setting.key) != kOfTheRun.end()) {
          throw plan_error(plan, setting.line, "'" + setting.key + "' is set by the run, not by the plan");
        }
        const FlagKind flag = flag_kind(run.stage->kind, setting.key, registries);
        if (setting.off && flag == FlagKind::kUnknown) {
          throw plan_error(plan, setting.line, "unknown key '" + setting.key + "'");
        }
        if (!setting.off && setting.values.empty() && flag == FlagKind::kWithValue) {
          throw plan_error(plan, setting.line, "'" + setting.key + "' needs a value");
        }
      }
    }
    const std::string problem = problem_of_words(command_words(plan, run, {}), registries);
    if (!problem.empty()) {
      const PlanSetting* setting = setting_named(lists, problem);
      throw plan_error(plan, setting == nullptr ? run.stage->line : setting->line, in_words_of_a_plan(problem));
    }
  }
}

}  // namespace faultline
