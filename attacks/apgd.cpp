#include "faultline/attacks/apgd.h"

#include "faultline/attacks/adaptive_ascent.h"
#include "faultline/attacks/restarts.h"
#include "faultline/core/registry.h"

namespace faultline {

AttackResult apgd(Target& target, const Batch& batch, const ThreatModel& threat, const ApgdOptions& options,
                  const Rng& rng) {
  BestPoints best(batch, threat);
  const AdaptiveAscentSetting setting{
      .loss = options.loss, .steps = options.steps, .rho = options.rho, .l1_radii = options.l1_radii};
  for_each_restart(best, batch, threat, options.restarts, [&](const Restart& now) {
    adaptive_ascent(target, now.part, now.threat, setting, far_start(now.part, now.threat, rng, now.number), now.rows,
                    best);
  });
  return std::move(best).result();
}

void register_apgd(AttackRegistry& registry) {
  registry.add<&apgd>({.name = "apgd",
                       .kind = AttackKind::kFixedBudget,
                       .norms = {Norm::kL1, Norm::kL2, Norm::kLinf},
                       .paper = "arXiv:2003.01690",
                       .summary = "Auto-PGD: momentum and a step length that follows the loss",
                       .cost = "101 F + 100 B"});
}

}  // namespace faultline
