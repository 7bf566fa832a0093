// The fast gradient method: one step.
#pragma once

#include "faultline/core/attack.h"
#include "faultline/core/batch.h"
#include "faultline/core/loss.h"
#include "faultline/core/options.h"
#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// Fast gradient sign method (Linf) and fast gradient method (L2, L1): one step of length epsilon.
/// Goodfellow et al., "Explaining and Harnessing Adversarial Examples", ICLR 2015, arXiv:1412.6572.
/// Differs from the paper: other norms by their steepest ascent (core/ascent.h), projected into the bounds; where the
/// step makes things worse, the clean input stays.
struct FgsmOptions {
  Loss loss = Loss::kCrossEntropy;  ///< What is climbed.
  double l1_share = 0.05;           ///< Share of elements that the L1 step moves.

  static void fields(auto& o, auto&& visit) {
    visit("loss", o.loss, OneOf{{"ce", "margin", "dlr"}}, "loss that is climbed");
    visit("l1-share", o.l1_share, Between{0, 1}, "share of the elements that the L1 step moves");
  }
};

/// Costs two forwards and one backward per row.
[[nodiscard]] AttackResult fgsm(Target& target, const Batch& batch, const ThreatModel& threat,
                                const FgsmOptions& options, const Rng& rng);

}  // namespace faultline
