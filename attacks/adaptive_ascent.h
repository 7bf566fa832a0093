// One run of Auto-PGD: ascent whose step length follows the progress of the loss of each row.
// Croce & Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks",
// ICML 2020, arXiv:2003.01690; in L1 Croce & Hein, "Mind the box: l1-APGD for sparse adversarial attacks on image
// classifiers", ICML 2021, arXiv:2103.01208.
//
//   adaptive_ascent(target, {part, aim, start, rows}, setting, best);
#pragma once

#include "faultline/attacks/variant.h"
#include "faultline/core/batch.h"
#include "faultline/core/best_points.h"
#include "faultline/core/loss.h"
#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// Radii in which a run in L1 searches: three times the budget, twice and once, or the budget alone.
enum class L1Radii { kShrinking, kBudget };

struct AdaptiveAscentSetting {
  Loss loss = Loss::kCrossEntropy;
  int steps = 100;    ///< In L1 over all radii: 30, 30 and 40 %.
  int eot = 1;        ///< Calls of the model that each gradient is the mean of.
  double rho = 0.75;  ///< L2 and Linf: share of steps of a window that must raise the loss, else the step is halved.
  L1Radii l1_radii = L1Radii::kShrinking;
  Variant variant = Variant::kOwn;  ///< Published: a backward after the last step too, which nothing follows.
};

/// The setting that the options of apgd and apgd-t name alike.
[[nodiscard]] AdaptiveAscentSetting ascent_setting(const auto& options) {
  return {.loss = options.loss,
          .steps = options.steps,
          .eot = options.eot,
          .rho = options.rho,
          .l1_radii = options.l1_radii,
          .variant = options.variant};
}

/// Where a run begins: the batch's own starts the first time, if it brings some, else far out in the ball.
[[nodiscard]] Tensor far_start(const Batch& batch, const ThreatModel& threat, const Rng& rng, int restart);

/// What climbs, from where, towards what.
struct Ascended {
  Batch batch;
  ThreatModel aim;  ///< The loss is towards its targets, if it has some.
  Tensor start;     ///< [N, ...]; brought inside the threat model first.
  Tensor rows;      ///< [N] int64 on the host: the rows' numbers in `best`.
};

/// Climbs and offers every point inside the budget to `best`. A row whose goal is reached leaves at once, which changes
/// nothing for the others; not where gradients are means of several calls: there the point that fails most often on
/// their mean is looked for. Costs at most steps + 1 forwards and steps backwards a row, a forward more for each wider
/// radius, all `eot` times. As published, with the quirk that the first window compares the first loss with 0; but
/// points of a wider radius that lie inside the budget count.
void adaptive_ascent(Target& target, const Ascended& ascended, const AdaptiveAscentSetting& setting, BestPoints& best);

}  // namespace faultline
