// The wrong classes of each sample, the most promising first.
#pragma once

#include "faultline/attacks/restarts.h"
#include "faultline/attacks/variant.h"
#include "faultline/core/batch.h"
#include "faultline/core/best_points.h"
#include "faultline/core/target.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// In which order classes are aimed at.
enum class TargetOrder {
  kRank,        ///< By their logits at the clean input, the highest first.
  kLinearised,  ///< By the distance to their boundary, if the model were linear. Melamed et al. 2024, arXiv:2407.02240.
};

/// So many classes, those with the highest logits, are put in order of linearised distances, as in the paper; the
/// others follow.
constexpr std::int64_t kLinearisedClasses = 100;

/// Wrong classes [N, K - 1] int64; equals in order of their numbers. Costs one forward, and linearised one backward for
/// each of the first kLinearisedClasses wrong classes.
[[nodiscard]] Tensor ordered_targets(Target& target, const Batch& batch, const ThreatModel& threat, TargetOrder order);

/// Which classes an attack aims at, one after another.
struct TargetChoice {
  int count = 9;
  TargetOrder order = TargetOrder::kRank;
  Variant variant = Variant::kOwn;  ///< Published: classes are put in order anew for each of them.
};

/// Calls run(Restart, classes [M]) for each class in turn, on the rows that those before it left.
template <typename Run>
void for_each_target(Target& target, const Batch& batch, const ThreatModel& threat, const TargetChoice& choice,
                     const BestPoints& best, Run&& run) {
  Tensor order;
  if (choice.variant == Variant::kOwn) {
    order = ordered_targets(target, batch, threat, choice.order);
  }
  for_each_restart(best, batch, threat, choice.count, [&](const Restart& now) {
    const Tensor classes = order.defined() ? order.index_select(0, now.rows.to(order.device()))
                                           : ordered_targets(target, now.part, now.threat, choice.order);
    if (now.number < classes.size(1)) {
      run(now, classes.select(1, now.number));
    }
  });
}

}  // namespace faultline
