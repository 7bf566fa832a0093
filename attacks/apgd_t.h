// Auto-PGD towards several classes in turn.
#pragma once

#include "faultline/attacks/apgd.h"
#include "faultline/attacks/target_order.h"

namespace faultline {

/// Auto-PGD towards the likeliest wrong classes, one after another, each with the targeted loss; any wrong class will
/// do. Croce & Hein, ICML 2020, arXiv:2003.01690; the order `linearised` is that of MALT, Melamed et al. 2024,
/// arXiv:2407.02240. The loss `dlr` is replaced by the margin where a model has fewer than four classes.
/// Differs from the papers as apgd does.
struct ApgdTOptions {
  int steps = 100;         ///< Gradient steps per class; in L1 over all radii.
  int targets = 9;         ///< Classes that are aimed at, as far as there are so many.
  double rho = 0.75;       ///< As of apgd.
  Loss loss = Loss::kDlr;  ///< Towards the class.
  TargetOrder order = TargetOrder::kRank;
  int eot = 1;  ///< Calls that a gradient is the mean of, for models that draw random numbers.
  L1Radii l1_radii = L1Radii::kShrinking;
  Variant variant = Variant::kOwn;

  static void fields(auto& o, auto&& visit) {
    visit("steps", o.steps, AtLeast{1}, "gradient steps per class");
    visit("targets", o.targets, AtLeast{1}, "classes that are aimed at in turn");
    visit("rho", o.rho, Between{0, 1}, "share of a window's steps that must raise the loss (L2, Linf)");
    visit("loss", o.loss, OneOf{{"ce", "margin", "dlr", "probability-margin"}}, "loss that is climbed");
    visit("order", o.order, OneOf{{"rank", "linearised"}}, "by logits, or by the distance to a linearised boundary");
    visit("eot", o.eot, AtLeast{1}, "calls that each gradient is the mean of, for randomised models");
    visit("l1-radii", o.l1_radii, OneOf{{"shrinking", "budget"}}, "in L1: begin with 3 and 2 budgets, or not");
    visit("variant", o.variant, OneOf{{"own", "published"}}, "ours, or AutoAttack's with its needless passes");
  }
};

/// Costs one forward, and per class steps + 1 forwards and steps backwards per row that no earlier class broke; with
/// the order `linearised` a backward per class of the model more. As published no forward
/// before, and per class one forward and one backward more.
[[nodiscard]] AttackResult apgd_t(Target& target, const Batch& batch, const ThreatModel& threat,
                                  const ApgdTOptions& options, const Rng& rng);

}  // namespace faultline
