#include "faultline/attacks/mifgsm.h"

#include "faultline/core/registry.h"

namespace faultline {

AttackResult mifgsm(Target& target, const Batch& batch, const ThreatModel& threat, const MifgsmOptions& options,
                    const Rng& rng) {
  const PgdOptions steps{.steps = options.steps,
                         .relative_step = 1.0 / options.steps,
                         .start = PgdStart::kClean,
                         .loss = options.loss,
                         .momentum = options.decay};
  return pgd(target, batch, threat, steps, rng);
}

void register_mifgsm(AttackRegistry& registry) {
  registry.add<&mifgsm>({.name = "mifgsm",
                         .kind = AttackKind::kFixedBudget,
                         .norms = {Norm::kL1, Norm::kL2, Norm::kLinf},
                         .paper = "arXiv:1710.06081",
                         .summary = "MI-FGSM: short steps along a momentum of gradients",
                         .cost = "11 F + 10 B"});
}

}  // namespace faultline
