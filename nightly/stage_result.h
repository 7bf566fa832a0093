// What a stage of a nightly run came to, and what a baseline says of the same stage.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "faultline/data/json.h"
#include "faultline/eval/sample_row.h"
#include "faultline/nightly/measure.h"
#include "faultline/nightly/stage_command.h"
#include "faultline/statistics/paired.h"

namespace faultline {

/// Which samples fail, in the order of the data: clean errors and those that an attack broke.
struct SampleOutcomes {
  std::vector<std::string> ids{};  ///< "INDEX:HASH".
  std::vector<bool> failing{};
};

/// What can be compared between runs.
struct Comparable {
  std::string setting{};  ///< Hash of all that must be the same for a comparison: data, attacks, seed; not the model.
  std::map<std::string, Measure> measures{};
  std::optional<SampleOutcomes> outcomes{};        ///< Of attacks and curves: clean or attacked.
  std::optional<SampleOutcomes> clean_outcomes{};  ///< On the clean inputs alone; not in a baseline file.
  Json plan{};                                     ///< What `setting` is the hash of; not in a baseline file.
};

struct StageResult {
  StageRun run{};
  Json document{};        ///< What the command printed; null when it ended without.
  std::string problem{};  ///< Why, in one line.
  int exit_code = 0;      ///< Of its command: 1 when a limit of its own failed, such as fail-on.
  Comparable comparable{};
  std::filesystem::path folder{};  ///< The run directory of its command; it may hold nothing.
};

/// The rows of a run directory in the order of the data; none where it has none. Throws Error (kUsage) for a line that
/// is no row.
[[nodiscard]] std::vector<SampleRow> rows_of(const std::filesystem::path& directory);

/// Reads what a stage left in its run directory. `document` is what it printed; null: nothing is known of it. Throws
/// Error (kUsage) when files are damaged.
[[nodiscard]] Comparable comparable_of(const Json& document, const std::filesystem::path& directory);

/// What became of the samples under an old and a new model. Nothing when they are not the same samples.
[[nodiscard]] std::optional<PairedCounts> pair_up(const SampleOutcomes& before, const SampleOutcomes& now);

}  // namespace faultline
