#include "faultline/attacks/fab_t.h"

#include "faultline/attacks/target_order.h"
#include "faultline/core/registry.h"

namespace faultline {

AttackResult fab_t(Target& target, const Batch& batch, const ThreatModel& threat, const FabTOptions& options,
                   const Rng& rng) {
  BestPoints best(batch, threat);
  const BoundaryWalkSetting setting = walk_setting(options);
  for_each_target(target, batch, threat, {options.targets, TargetOrder::kRank, options.variant}, best,
                  [&](const Restart& now, const Tensor& classes) {
                    boundary_walk(target, now.part, now.threat, classes.unsqueeze(1), setting,
                                  walk_start(now.part, now.threat, rng, 0), now.rows, best);
                  });
  return std::move(best).result();
}

void register_fab_t(AttackRegistry& registry) {
  registry.add<&fab_t>({.name = "fab-t",
                        .kind = AttackKind::kFixedBudget,
                        .norms = {Norm::kL1, Norm::kL2, Norm::kLinf},
                        .targeted = false,
                        .paper = "arXiv:1907.02044",
                        .summary = "FAB along the boundaries to the likeliest wrong classes in turn",
                        .cost = "910 F + 900 B"});
}

}  // namespace faultline
