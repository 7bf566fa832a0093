#include "faultline/attacks/fab.h"

#include "faultline/attacks/restarts.h"
#include "faultline/core/registry.h"

namespace faultline {

AttackResult fab(Target& target, const Batch& batch, const ThreatModel& threat, const FabOptions& options,
                 const Rng& rng) {
  BestPoints best(batch, threat);
  const BoundaryWalkSetting setting = walk_setting(options);
  for_each_restart(best, batch, threat, options.restarts, [&](const Restart& now) {
    boundary_walk(target, now.part, now.threat, Tensor(), setting, walk_start(now.part, now.threat, rng, now.number),
                  now.rows, best);
  });
  return std::move(best).result();
}

void register_fab(AttackRegistry& registry) {
  registry.add<&fab>({.name = "fab",
                      .kind = AttackKind::kFixedBudget,
                      .norms = {Norm::kL1, Norm::kL2, Norm::kLinf},
                      .paper = "arXiv:1907.02044",
                      .summary = "FAB: along the nearest boundary, drawn towards the clean input",
                      .cost = "101 F + 900 B"});
}

}  // namespace faultline
