#include "faultline/attacks/fgsm.h"

#include "faultline/core/answer.h"
#include "faultline/core/ascent.h"
#include "faultline/core/best_points.h"
#include "faultline/core/projection.h"
#include "faultline/core/registry.h"

namespace faultline {

AttackResult fgsm(Target& target, const Batch& batch, const ThreatModel& threat, const FgsmOptions& options,
                  const Rng&) {
  Answer clean(target, batch.inputs, {options.loss, batch.labels, threat}, {});
  const Tensor step = broadcast_rows(threat.epsilon, batch.inputs);
  Tensor point = batch.inputs + ascent_direction(clean.gradient(), threat.norm, options.l1_share) * step;
  FeasibleSet(batch.inputs, threat).project_(point);

  BestPoints best(batch, threat);
  const Tensor rows = at::arange(batch.size(), batch.labels.options());
  best.offer(rows, batch.inputs, clean.logits());
  best.offer(rows, point, target.logits(point));
  return std::move(best).result();
}

void register_fgsm(AttackRegistry& registry) {
  registry.add<&fgsm>({.name = "fgsm",
                       .kind = AttackKind::kFixedBudget,
                       .norms = {Norm::kL1, Norm::kL2, Norm::kLinf},
                       .takes_starts = false,
                       .paper = "arXiv:1412.6572",
                       .summary = "fast gradient (sign) method, one step",
                       .cost = "2 F + 1 B"});
}

}  // namespace faultline
