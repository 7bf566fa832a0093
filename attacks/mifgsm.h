// The momentum iterative fast gradient sign method.
#pragma once

#include "faultline/attacks/pgd.h"

namespace faultline {

/// MI-FGSM: steps of epsilon / steps along a momentum of gradients, from the clean input.
/// Dong et al., "Boosting adversarial attacks with momentum", CVPR 2018, arXiv:1710.06081; in L1 with sparse steps as
/// of pgd. Differs from the paper as pgd does.
struct MifgsmOptions {
  int steps = 10;                   ///< Gradient steps; together they are epsilon long.
  double decay = 1;                 ///< Share of the previous direction that is kept.
  Loss loss = Loss::kCrossEntropy;  ///< What is climbed.

  static void fields(auto& o, auto&& visit) {
    visit("steps", o.steps, AtLeast{1}, "gradient steps, each epsilon / steps long");
    visit("decay", o.decay, Between{0, 1}, "share of the previous direction that is kept");
    visit("loss", o.loss, OneOf{{"ce", "margin", "dlr", "probability-margin"}}, "loss that is climbed");
  }
};

/// Costs at most steps + 1 forwards and steps backwards per row. Draws nothing.
[[nodiscard]] AttackResult mifgsm(Target& target, const Batch& batch, const ThreatModel& threat,
                                  const MifgsmOptions& options, const Rng& rng);

}  // namespace faultline
