// What a measurement under corruptions comes to: JSON, and the comparison with an earlier one.
//
//   const std::optional<CorruptionBaseline> baseline = read_corruption_baseline("last/summary.json", "cifar10-c");
//   const Json json = corruption_json(result, baseline);
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "faultline/data/json.h"
#include "faultline/eval/corruption_run.h"

namespace faultline {

/// The errors of an earlier measurement.
struct CorruptionBaseline {
  std::string path{};
  double clean_error = 0;
  std::map<std::string, double> mean_errors{};  ///< By corruption, over its severities.
};

/// A result in relation to a baseline, as the mean corruption error of ImageNet-C is to AlexNet.
struct CorruptionRatio {
  double mean_corruption_error = 0;  ///< The mean over corruptions of error / baseline's error; 1 is as good.
  std::optional<double>
      relative_error{};  ///< The same of what is lost against clean; none when the baseline loses nothing.
};

/// Reads the summary.json of an earlier run, or of the run directory. Throws Error (kUsage) when it is none, or of
/// another profile.
[[nodiscard]] CorruptionBaseline read_corruption_baseline(const std::filesystem::path& path,
                                                          const CorruptionProfile& profile);

/// Corruptions in which the baseline makes no error are left out of the mean.
[[nodiscard]] CorruptionRatio compared(const CorruptionResult& result, const CorruptionBaseline& baseline);

/// The cell with the lowest accuracy: place of its row, and severity.
struct WorstCell {
  std::size_t row = 0;
  int severity = 1;
};
[[nodiscard]] WorstCell worst_cell(const CorruptionResult& result);

/// What the document says beyond model, data and seed.
[[nodiscard]] Json corruption_json(const CorruptionProfile& profile, const CorruptionResult& result,
                                   const StoredCorruptions* stored = nullptr);

}  // namespace faultline
