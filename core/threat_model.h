// What an attacker may change: norm, epsilon per sample, bounds and goal.
//
//   ThreatModel threat = uniform_threat(Norm::kLinf, 0.1, batch, Bounds{0, 1});
#pragma once

#include "faultline/core/batch.h"
#include "faultline/core/norm.h"
#include "faultline/core/tensor.h"

namespace faultline {

/// The box every input lies in; the same for all elements. Every comparison takes the float32 nearest to each bound.
struct Bounds {
  double lower = 0;
  double upper = 1;
};

struct ThreatModel {
  Norm norm = Norm::kLinf;
  Tensor epsilon{};  ///< [N] float64, on the device of the inputs: one budget per sample, in input units.
  Bounds bounds{};   ///< The box of valid inputs.
  Tensor targets{};  ///< [N] int64: the class to reach per sample; undefined: any wrong class (untargeted).

  [[nodiscard]] bool targeted() const { return targets.defined(); }
};

/// The same untargeted budget for every sample of the batch.
[[nodiscard]] ThreatModel uniform_threat(Norm norm, double epsilon, const Batch& batch, Bounds bounds);

/// The rows numbered in `rows` ([M] int64).
[[nodiscard]] ThreatModel select(const ThreatModel& threat, const Tensor& rows);

/// One value per row as [N, 1, 1, ...] so that it broadcasts over `like` [N, ...], in the dtype of `like`.
[[nodiscard]] Tensor broadcast_rows(const Tensor& per_row, const Tensor& like);

}  // namespace faultline
