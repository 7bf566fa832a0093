// Projected gradient descent.
#pragma once

#include "faultline/core/attack.h"
#include "faultline/core/batch.h"
#include "faultline/core/loss.h"
#include "faultline/core/options.h"
#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// Where the first restart begins when the batch brings no starts of its own.
enum class PgdStart { kClean, kRandom };

/// Projected gradient descent: ascent steps on a loss, each projected back into the threat model.
/// Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR 2018, arXiv:1706.06083; momentum
/// after Dong et al., CVPR 2018, arXiv:1710.06081.
/// Differs from the papers: the best iterate is returned, not the last; a row that reaches its goal leaves at once; L1
/// steps are sparse (core/ascent.h). The default step is the paper's rule of thumb, 2.5 epsilon / steps.
struct PgdOptions {
  int steps = 100;                     ///< Gradient steps per restart.
  int restarts = 1;                    ///< Independent starts; rows already broken take no part in later ones.
  double relative_step = 0.025;        ///< Step length as a fraction of epsilon.
  PgdStart start = PgdStart::kRandom;  ///< Where a restart begins.
  Loss loss = Loss::kMargin;           ///< What is climbed.
  double momentum = 0;                 ///< Share of the previous direction that is kept.
  double l1_share = 0.05;              ///< Share of elements that one L1 step moves.
  int eot = 1;                         ///< Calls that a gradient is the mean of, for models that draw random numbers.

  static void fields(auto& o, auto&& visit) {
    visit("steps", o.steps, AtLeast{1}, "gradient steps per restart");
    visit("restarts", o.restarts, AtLeast{1}, "independent starts; the best result per sample is kept");
    visit("relative-step", o.relative_step, Positive{}, "step length / epsilon");
    visit("start", o.start, OneOf{{"clean", "random"}}, "where a restart begins");
    visit("loss", o.loss, OneOf{{"ce", "margin", "dlr", "probability-margin"}}, "loss that is climbed");
    visit("momentum", o.momentum, Between{0, 1}, "share of the previous direction that is kept");
    visit("l1-share", o.l1_share, Between{0, 1}, "share of the elements that one L1 step moves");
    visit("eot", o.eot, AtLeast{1}, "calls that each gradient is the mean of, for randomised models");
  }
};

/// Costs at most eot * steps + 1 forwards and eot * steps backwards per row and restart.
[[nodiscard]] AttackResult pgd(Target& target, const Batch& batch, const ThreatModel& threat, const PgdOptions& options,
                               const Rng& rng);

}  // namespace faultline
