#include "faultline/nightly/stage_command.h"

#include <algorithm>

namespace faultline {

namespace {

void add_words(std::vector<std::string>& words, const PlanSetting& setting) {
  const std::string flag = "--" + setting.key;
  if (setting.values.empty()) {
    words.push_back(flag);
  }
  for (const std::string& value : setting.values) {
    if (value.starts_with('-')) {  // else it would be taken for a flag
      words.push_back(flag + "=" + value);
    } else {
      words.insert(words.end(), {flag, value});
    }
  }
}

bool has(const std::vector<PlanSetting>& settings, const std::string& key) {
  return std::ranges::find(settings, key, &PlanSetting::key) != settings.end();
}

}  // namespace

std::vector<StageRun> stage_runs(const PlanFile& plan) {
  std::vector<StageRun> runs;
  for (const PlanStage& stage : plan.stages) {
    for (const PlanModel* model : plan.models_of(stage)) {
      runs.push_back({&stage, model, plan.models.size() == 1 ? stage.name : stage.name + "@" + model->name});
    }
  }
  return runs;
}

bool is_contract(const PlanStage& stage) { return setting_value(stage.settings, "mode") == "contract"; }

bool is_resumable(const PlanStage& stage) {
  return stage.kind == "attack" || stage.kind == "curve" || stage.kind == "fuzz";
}

std::vector<PlanSetting> settings_of(const PlanFile& plan, const StageRun& run, const StageChanges& changes) {
  std::vector<PlanSetting> settings = changes.settings;
  if (changes.workers > 0 && !is_contract(*run.stage)) {
    settings.push_back({"workers", {std::to_string(changes.workers)}, 0});
  }
  for (const std::vector<PlanSetting>* more : {&run.stage->settings, &plan.data.settings, &run.model->settings}) {
    std::ranges::copy_if(*more, std::back_inserter(settings),
                         [&](const PlanSetting& setting) { return !has(settings, setting.key); });
  }
  std::erase_if(settings, [&](const PlanSetting& setting) {
    return setting.off || std::ranges::find(changes.without, setting.key) != changes.without.end();
  });
  return settings;
}

std::optional<std::string> setting_value(const std::vector<PlanSetting>& settings, const std::string& key) {
  const auto found = std::ranges::find(settings, key, &PlanSetting::key);
  if (found == settings.end()) {
    return std::nullopt;
  }
  return found->values.empty() ? std::string() : found->values.front();
}

std::vector<std::string> command_words(const PlanFile& plan, const StageRun& run, const StageChanges& changes) {
  const PlanStage& stage = *run.stage;
  std::vector<std::string> words{stage.kind};
  if (stage.kind == "replay") {
    words.insert(words.end(), {stage.corpus, "--model"});
  }
  words.insert(words.end(), {run.model->path, "--data", plan.data.source});
  for (const PlanSetting& setting : settings_of(plan, run, changes)) {
    add_words(words, setting);
  }
  if (!changes.out.empty() && stage.kind != "replay") {
    words.insert(words.end(), {"--out", changes.out.string()});
    if (changes.resume && is_resumable(stage)) {
      words.emplace_back("--resume");
    }
  }
  words.emplace_back("--json");
  return words;
}

}  // namespace faultline
