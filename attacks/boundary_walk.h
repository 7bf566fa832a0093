// One run of FAB: along the decision boundary, drawn towards the clean input.
// Croce & Hein, "Minimally distorted adversarial examples with a fast adaptive boundary attack", ICML 2020,
// arXiv:1907.02044.
//
//   boundary_walk(target, part, threat, classes, setting, start, rows, best);
#pragma once

#include "faultline/attacks/variant.h"
#include "faultline/core/batch.h"
#include "faultline/core/best_points.h"
#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

struct BoundaryWalkSetting {
  int steps = 100;
  double largest_pull = 0.1;  ///< Of the clean input on the point.
  double overshoot = 1.05;    ///< How far beyond the linearised boundary a step ends.
  double retreat = 0.9;       ///< How much of the way from the clean input is kept when the boundary is crossed.
  Variant variant = Variant::kOwn;
};

/// The setting that the options of fab and fab-t name alike.
[[nodiscard]] BoundaryWalkSetting walk_setting(const auto& options) {
  return {.steps = options.steps,
          .largest_pull = options.largest_pull,
          .overshoot = options.overshoot,
          .retreat = options.retreat,
          .variant = options.variant};
}

/// Walks from `start` [N, ...] and offers the points that lie inside the threat model's budget to `best`, where the
/// rows have the numbers `rows` ([N] int64 on the host). A step goes to the nearest linearised boundary between a row's
/// label and its `classes` [N, C] int64 (undefined: all others), at one backward for each; with targets, to that
/// between the target and the class that leads. A row leaves once its goal is reached inside the budget. Costs steps +
/// 1 forwards; as published 2 * steps + 2. Differs from the paper, but for the published variant: where the boundary is
/// crossed, the model is linearised there, not at the point that the retreat leads to, which saves every second
/// forward.
void boundary_walk(Target& target, const Batch& batch, const ThreatModel& threat, const Tensor& classes,
                   const BoundaryWalkSetting& setting, const Tensor& start, const Tensor& rows, BestPoints& best);

/// Where a restart begins: half the budget away from the clean input at random; the first at the clean input itself, or
/// at the batch's own starts.
[[nodiscard]] Tensor walk_start(const Batch& batch, const ThreatModel& threat, const Rng& rng, int restart);

}  // namespace faultline
