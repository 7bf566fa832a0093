#include "faultline/nightly/history.h"

#include <algorithm>

#include "faultline/data/file.h"
#include "faultline/nightly/json_file.h"
#include "faultline/nightly/nightly_directory.h"

namespace faultline {

namespace {

constexpr std::size_t kMostRuns = 400;  // more than a year of nights

HistoryRun read_history_run(const std::filesystem::path& folder) {
  const Json json = read_json_file(NightlyDirectory(folder).summary_file());
  HistoryRun run{.name = folder.filename().string(), .ended = json.at("ended").get<std::string>()};
  for (const Json& stage : json.at("stages")) {
    HistoryStage& read = run.stages[stage.at("id").get<std::string>()];
    read.setting = stage.at("setting").get<std::string>();
    for (const auto& [name, measure] : stage.at("measures").items()) {
      read.measures[name] = measure_from(measure);
    }
  }
  return run;
}

}  // namespace

History read_history(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) {
    refuse(folder.string(), "expected a directory that holds the --out directories of earlier runs");
  }
  History history;
  for (const std::filesystem::directory_entry& entry : std::filesystem::directory_iterator(folder)) {
    if (!std::filesystem::is_regular_file(NightlyDirectory(entry.path()).summary_file())) {
      continue;
    }
    try {
      history.runs.push_back(read_history_run(entry.path()));
    } catch (const nlohmann::json::exception&) {
      history.skipped.push_back(entry.path().filename().string());
    }
  }
  std::ranges::sort(history.runs, {}, [](const HistoryRun& run) { return std::pair(run.ended, run.name); });
  if (history.runs.size() > kMostRuns) {
    history.runs.erase(history.runs.begin(), history.runs.end() - kMostRuns);
  }
  return history;
}

HistoryRun history_run(const NightlySummary& summary, const std::string& name) {
  HistoryRun run{.name = name, .ended = summary.ended};
  for (const StageResult& stage : summary.stages) {
    run.stages[stage.run.id] = {stage.comparable.setting, stage.comparable.measures};
  }
  return run;
}

}  // namespace faultline
