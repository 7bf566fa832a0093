// FAB towards several classes in turn.
#pragma once

#include "faultline/attacks/fab.h"

namespace faultline {

/// FAB along the boundaries to the likeliest wrong classes, one after another; any wrong class will do. Croce & Hein,
/// ICML 2020, arXiv:1907.02044; for models of many classes arXiv:2003.01690.
/// Differs from the papers as fab does.
struct FabTOptions {
  int steps = 100;            ///< Per class.
  int targets = 9;            ///< Classes, as far as there are so many.
  double largest_pull = 0.1;  ///< As of fab.
  double overshoot = 1.05;    ///< As of fab.
  double retreat = 0.9;       ///< As of fab.
  Variant variant = Variant::kOwn;

  static void fields(auto& o, auto&& visit) {
    visit("steps", o.steps, AtLeast{1}, "steps per class");
    visit("targets", o.targets, AtLeast{1}, "classes whose boundaries are walked in turn, by logits");
    visit("largest-pull", o.largest_pull, Between{0, 1}, "of the clean input on the point (alpha max)");
    visit("overshoot", o.overshoot, Positive{}, "how far beyond the linearised boundary a step ends (eta)");
    visit("retreat", o.retreat, Between{0, 1}, "what is kept of a step that crossed the boundary (beta)");
    visit("variant", o.variant, OneOf{{"own", "published"}}, "one forward a step, or two as AutoAttack's");
  }
};

/// Costs one forward, and per class steps + 1 forwards and steps backwards per row that no earlier class broke; as
/// published 2 * steps + 3 forwards per class and none before.
[[nodiscard]] AttackResult fab_t(Target& target, const Batch& batch, const ThreatModel& threat,
                                 const FabTOptions& options, const Rng& rng);

}  // namespace faultline
