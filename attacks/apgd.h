// Auto-PGD, towards any wrong class or the class aimed at.
#pragma once

#include "faultline/attacks/adaptive_ascent.h"
#include "faultline/core/attack.h"
#include "faultline/core/batch.h"
#include "faultline/core/loss.h"
#include "faultline/core/options.h"
#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// Auto-PGD: projected gradient ascent with momentum whose step length halves when the loss of a row stops rising.
/// Croce & Hein, ICML 2020, arXiv:2003.01690; in L1 with sparse steps and three shrinking radii, Croce & Hein, ICML
/// 2021, arXiv:2103.01208; the loss `probability-margin` is that of PMA, arXiv:2411.15210.
/// Differs from the papers: the point with the lowest margin is returned, a row that reaches its goal leaves at once
/// (not with eot > 1, where success is judged on the mean logits of the calls), and draws are per sample.
struct ApgdOptions {
  enum class Start {
    kFar,      ///< A random point far out in the ball, as published.
    kDiverse,  ///< diverse_start().
    kSearch,   ///< searched_start().
  };

  int steps = 100;                  ///< Gradient steps per restart; in L1 over all radii.
  int restarts = 1;                 ///< Independent starts; rows already broken take no part in later ones.
  double rho = 0.75;                ///< Share of a window's steps that must raise the loss, else the step is halved.
  Loss loss = Loss::kCrossEntropy;  ///< What is climbed.
  Start start = Start::kFar;        ///< Where restarts begin.
  int search = 100;                 ///< Of the start `search`: windows tried.
  int eot = 1;                      ///< Calls that a gradient is the mean of, for models that draw random numbers.
  L1Radii l1_radii = L1Radii::kShrinking;
  Variant variant = Variant::kOwn;

  static void fields(auto& o, auto&& visit) {
    visit("steps", o.steps, AtLeast{1}, "gradient steps per restart");
    visit("restarts", o.restarts, AtLeast{1}, "independent starts; the best result per sample is kept");
    visit("rho", o.rho, Between{0, 1}, "share of a window's steps that must raise the loss (L2, Linf)");
    visit("loss", o.loss, OneOf{{"ce", "margin", "dlr", "probability-margin"}}, "loss that is climbed");
    visit("start", o.start, OneOf{{"far", "diverse", "search"}},
          "far out in the ball, far apart in outputs (ODI), or by square");
    visit("search", o.search, AtLeast{1}, "queries of the start by square");
    visit("eot", o.eot, AtLeast{1}, "calls that each gradient is the mean of, for randomised models");
    visit("l1-radii", o.l1_radii, OneOf{{"shrinking", "budget"}}, "in L1: begin with 3 and 2 budgets, or not");
    visit("variant", o.variant, OneOf{{"own", "published"}}, "ours, or AutoAttack's with its needless passes");
  }
};

/// Costs at most steps + 1 forwards and steps backwards per row and restart, each `eot` times; in L1 with shrinking
/// radii two forwards more; the start `diverse` kDiverseSteps of both more, the start `search` search + 1 forwards; the
/// published variant one forward for each row, and for each run a backward more.
[[nodiscard]] AttackResult apgd(Target& target, const Batch& batch, const ThreatModel& threat,
                                const ApgdOptions& options, const Rng& rng);

}  // namespace faultline
