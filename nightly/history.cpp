#include "faultline/nightly/history.h"

#include <algorithm>
#include <cmath>

#include "faultline/data/file.h"
#include "faultline/nightly/json_file.h"
#include "faultline/nightly/nightly_directory.h"

namespace faultline {

namespace {

constexpr std::size_t kMostRuns = 60;  // two months of nights; more cannot be told apart in a picture

constexpr std::uintmax_t kLargestSummary = 64 << 20;

/// Throws nlohmann::json::exception for what is no value with its interval around it.
Measure sound_measure(const Json& json) {
  const Measure measure = measure_from(json);
  const bool sound = !measure.interval || (std::isfinite(measure.value) && measure.interval->low <= measure.value &&
                                           measure.value <= measure.interval->high);
  if (!sound) {
    throw Json::other_error::create(500, "no interval around its value", &json);
  }
  return measure;
}

HistoryRun read_history_run(const std::filesystem::path& folder) {
  const std::filesystem::path file = NightlyDirectory(folder).summary_file();
  if (std::filesystem::file_size(file) > kLargestSummary) {
    refuse(file.string(), "larger than 64 MiB");
  }
  const Json json = read_json_file(file);
  HistoryRun run{.path = folder, .ended = json.at("ended").get<std::string>()};
  for (const Json& stage : json.at("stages")) {
    HistoryStage& read = run.stages[stage.at("id").get<std::string>()];
    read.setting = stage.at("setting").get<std::string>();
    for (const auto& [name, measure] : stage.at("measures").items()) {
      read.measures[name] = sound_measure(measure);
    }
  }
  return run;
}

/// Adds the run of a directory, if it is one.
void add_run(const std::filesystem::path& folder, History& history) {
  std::error_code status;
  if (!std::filesystem::exists(NightlyDirectory(folder).summary_file(), status) && !status) {
    return;
  }
  try {
    history.runs.push_back(read_history_run(folder));
  } catch (const std::exception&) {  // whatever is wrong with an old run must not cost this one its report
    history.skipped.push_back(folder.filename().string());
  }
}

}  // namespace

History read_history(const std::filesystem::path& folder) {
  std::error_code status;
  std::filesystem::directory_iterator entries(folder, status);
  if (status) {
    refuse(folder.string(), "expected a directory that holds the --out directories of earlier runs");
  }
  History history;
  for (; entries != std::filesystem::directory_iterator() && !status; entries.increment(status)) {
    add_run(entries->path(), history);
  }
  std::ranges::sort(history.runs, {}, [](const HistoryRun& run) { return std::pair(run.ended, run.path); });
  return history;
}

void add_to_history(History& history, HistoryRun run) {
  std::erase_if(history.runs, [&](const HistoryRun& other) {
    std::error_code status;
    return std::filesystem::equivalent(other.path, run.path, status);
  });
  const auto later = std::ranges::upper_bound(history.runs, run.ended, {}, &HistoryRun::ended);
  history.runs.insert(run.ended.empty() ? history.runs.end() : later, std::move(run));
  if (history.runs.size() > kMostRuns) {
    history.runs.erase(history.runs.begin(), history.runs.end() - kMostRuns);
  }
}

HistoryRun history_run(const NightlySummary& summary, const std::filesystem::path& path) {
  HistoryRun run{.path = path, .ended = summary.ended};
  for (const StageResult& stage : summary.stages) {
    run.stages[stage.run.id] = {stage.comparable.setting, stage.comparable.measures};
  }
  return run;
}

}  // namespace faultline
