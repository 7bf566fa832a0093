// Accuracy under the common corruptions: every sample under every corruption at every severity.
//
//   const CorruptionResult result = measure_corruptions(corruption_profile("cifar10-c"), setup);
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "faultline/core/dataset.h"
#include "faultline/core/mutator_registry.h"
#include "faultline/eval/corruption_profile.h"
#include "faultline/eval/run.h"
#include "faultline/eval/stored_corruptions.h"
#include "faultline/statistics/calibration.h"
#include "faultline/statistics/proportion.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

struct CorruptionSetup {
  const Dataset& data;
  const MutatorRegistry& mutators;
  const StoredCorruptions* stored = nullptr;  ///< Measured in place of renderings, with the profile it was opened for.
  TargetFactory make_target;
  const std::atomic<bool>& stop;
  std::int64_t first = 0;  ///< Index of the first sample.
  std::int64_t count = 0;  ///< Samples.
  Bounds bounds{};
  std::uint64_t seed = 0;   ///< Of what corruptions draw.
  int workers = 1;          ///< Changes no result.
  std::int64_t batch = 50;  ///< Changes no result.
  c10::Device device = c10::Device(c10::kCPU);
  std::function<void(const Progress&)> progress = {};  ///< Called by one thread at a time; counts renderings.
};

/// All samples under one corruption at one severity.
struct CorruptionCell {
  std::int64_t samples = 0;
  std::int64_t right = 0;  ///< Near ties included.
  std::int64_t near_ties = 0;
  std::int64_t not_finite = 0;  ///< Rows with a NaN or an infinity among the logits; they are wrong.
  Calibration calibration{};

  [[nodiscard]] Interval accuracy() const { return wilson(right, samples); }
  [[nodiscard]] double error() const { return samples == 0 ? 0 : 1 - accuracy().value; }
};

struct CorruptionRow {
  Corruption corruption{};
  std::array<CorruptionCell, kSeverities> cells{};

  /// The mean error over the severities.
  [[nodiscard]] double mean_error() const;
};

struct CorruptionResult {
  CorruptionCell clean{};
  std::vector<CorruptionRow> rows{};            ///< In the order of the profile.
  std::vector<Prediction> clean_predictions{};  ///< One per sample, in their order.
  std::vector<std::int64_t> right_cells{};      ///< Per sample: right under how many corruptions that count.
  double seconds = 0;
  bool interrupted = false;

  /// One less the mean error, with its 95 % interval by mean_of_clusters(): all cells of a sample are one cluster, for
  /// they are not independent. Precondition: not interrupted.
  [[nodiscard]] Interval mean_accuracy() const;

  /// The mean error over the corruptions that count and their severities.
  [[nodiscard]] double mean_corruption_error() const;

  /// The mean of the rows' calibration errors at a severity 1 .. 5, of the corruptions that count.
  [[nodiscard]] double mean_calibration_error(int severity) const;
};

/// Renders and judges; a sample draws the same noise at every severity, whatever workers and batch are. Rendering and
/// inference of different batches overlap. Throws Error (kUsage) when the samples are no images [C, H, W].
[[nodiscard]] CorruptionResult measure_corruptions(const CorruptionProfile& profile, const CorruptionSetup& setup);

}  // namespace faultline
