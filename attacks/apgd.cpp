#include "faultline/attacks/apgd.h"

#include "faultline/attacks/adaptive_ascent.h"
#include "faultline/core/registry.h"
#include "faultline/core/sampling.h"

namespace faultline {

AttackResult apgd(Target& target, const Batch& batch, const ThreatModel& threat, const ApgdOptions& options,
                  const Rng& rng) {
  BestPoints best(batch, threat);
  for (int restart = 0; restart < options.restarts; ++restart) {
    const Tensor rows = best.unfinished();
    if (rows.size(0) == 0) {
      break;
    }
    const Batch part = select(batch, rows);
    const ThreatModel aim = select(threat, rows);
    const bool given = restart == 0 && part.starts.defined();
    const Tensor start =
        given ? part.starts : sample_far_out(part, aim, rng, {.restart = static_cast<std::uint32_t>(restart)});
    const AdaptiveAscentSetting setting{
        .loss = options.loss, .steps = options.steps, .rho = options.rho, .l1_radii = options.l1_radii};
    adaptive_ascent(target, part, aim, setting, start, rows, best);
  }
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
