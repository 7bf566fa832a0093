// How far a parameter of a transform can go before the model fails, for every sample of a chunk.
#pragma once

#include <string>
#include <vector>

#include "faultline/core/registry.h"
#include "faultline/eval/attack_chunk.h"

namespace faultline {

/// Whether a parameter takes whole numbers only.
enum class MagnitudeStep { kAny, kWhole };

/// The range of a curve's parameter.
struct CurveRange {
  CurveAxis axis{};
  double largest = 0;  ///< The magnitude of severity 5.
  double limit = 0;    ///< The largest magnitude that the parameter can have.
  MagnitudeStep step = MagnitudeStep::kAny;
  double preserved = 0;   ///< The largest magnitude at which a person still gives the label.
  std::string caution{};  ///< For larger ones.
};

/// Of the parameter named "MUTATOR.PARAMETER", for images whose shorter side has that many pixels. Throws Error
/// (kUsage) when there is none, or it has no value that changes nothing, from which a curve could start.
[[nodiscard]] CurveRange curve_range(const std::string& name, const MutatorRegistry& mutators, int shorter_side);

/// Magnitudes up to the largest at equal steps, whole ones where that gives a few dozen; about thirty.
[[nodiscard]] std::vector<double> magnitudes_to(double largest, MagnitudeStep step);

/// The plan's `curve` over a parameter on one chunk: at the magnitudes of the plan, rising, the attack searches the
/// slice of its space where the parameter has that magnitude; a sample's distance is the first at which it fails. So
/// its curve is exact for the magnitudes that were tried, and the row's `attempts` has one entry for each up to there.
[[nodiscard]] ChunkResult transform_curve_chunk(TargetStack& target, const Batch& batch, const Plan& plan,
                                                const ConfiguredAttack& attack);

}  // namespace faultline
