// FAB: the nearest decision boundary, among all classes.
#pragma once

#include "faultline/attacks/boundary_walk.h"
#include "faultline/core/attack.h"
#include "faultline/core/batch.h"
#include "faultline/core/options.h"
#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// Fast adaptive boundary attack: steps to the nearest linearised boundary, drawn towards the clean input.
/// Croce & Hein, ICML 2020, arXiv:1907.02044.
/// Differs from the paper: it ends at the first point inside the budget rather than at the nearest point that fails; a
/// step asks the model once rather than twice (boundary_walk.h); draws are per sample.
struct FabOptions {
  int steps = 100;            ///< Per restart.
  int restarts = 1;           ///< The first from the clean input, others from random points half the budget away.
  double largest_pull = 0.1;  ///< Of the clean input on the point (the paper's alpha_max).
  double overshoot = 1.05;    ///< How far beyond the boundary a step ends (eta).
  double retreat = 0.9;       ///< What is kept of a step that crossed the boundary (beta).
  Variant variant = Variant::kOwn;

  static void fields(auto& o, auto&& visit) {
    visit("steps", o.steps, AtLeast{1}, "steps per restart");
    visit("restarts", o.restarts, AtLeast{1}, "starts: the clean input, then random ones");
    visit("largest-pull", o.largest_pull, Between{0, 1}, "of the clean input on the point (alpha max)");
    visit("overshoot", o.overshoot, Positive{}, "how far beyond the linearised boundary a step ends (eta)");
    visit("retreat", o.retreat, Between{0, 1}, "what is kept of a step that crossed the boundary (beta)");
    visit("variant", o.variant, OneOf{{"own", "published"}}, "one forward a step, or two as AutoAttack's");
  }
};

/// Costs steps + 1 forwards and steps * (classes - 1) backwards per row and restart (towards a class: steps).
[[nodiscard]] AttackResult fab(Target& target, const Batch& batch, const ThreatModel& threat, const FabOptions& options,
                               const Rng& rng);

}  // namespace faultline
