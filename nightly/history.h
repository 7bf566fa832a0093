// Earlier nightly runs, for a trend.
//
//   const History history = read_history("nights");   // nights/2026-11-24, nights/2026-11-25 ...
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "faultline/nightly/measure.h"
#include "faultline/nightly/nightly_summary.h"

namespace faultline {

/// A stage of a run, as far as a trend needs it.
struct HistoryStage {
  std::string setting{};  ///< As Comparable::setting: values of different settings are not of one line.
  std::map<std::string, Measure> measures{};
};

struct HistoryRun {
  std::filesystem::path path{};                  ///< Its directory.
  std::string ended{};                           ///< UTC, as utc_now().
  std::map<std::string, HistoryStage> stages{};  ///< By StageRun::id.
};

struct History {
  std::vector<HistoryRun> runs{};      ///< In the order in which they ended.
  std::vector<std::string> skipped{};  ///< Directories whose summary.json is damaged or of another version.
};

/// The nightly runs directly below a directory. Throws Error (kUsage) when it cannot be read.
[[nodiscard]] History read_history(const std::filesystem::path& folder);

/// Puts a run where it belongs by its end, in the place of what was read of the same directory; keeps the latest 60.
void add_to_history(History& history, HistoryRun run);

/// The run of a directory as one of a history.
[[nodiscard]] HistoryRun history_run(const NightlySummary& summary, const std::filesystem::path& path);

}  // namespace faultline
