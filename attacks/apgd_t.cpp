#include "faultline/attacks/apgd_t.h"

#include "faultline/attacks/adaptive_ascent.h"
#include "faultline/attacks/target_order.h"
#include "faultline/core/registry.h"

namespace faultline {

AttackResult apgd_t(Target& target, const Batch& batch, const ThreatModel& threat, const ApgdTOptions& options,
                    const Rng& rng) {
  BestPoints best(batch, threat);
  const AdaptiveAscentSetting setting = ascent_setting(options);
  for_each_target(target, batch, threat, {options.targets, options.order, options.variant}, best,
                  [&](const Restart& now, const Tensor& classes) {
                    ThreatModel aim = now.threat;
                    aim.targets = classes;
                    const Tensor start = far_start(now.part, aim, rng, now.number);
                    adaptive_ascent(target, {now.part, aim, start, now.rows}, setting, best);
                  });
  return std::move(best).result();
}

void register_apgd_t(AttackRegistry& registry) {
  registry.add<&apgd_t>({.name = "apgd-t",
                         .kind = AttackKind::kFixedBudget,
                         .norms = {Norm::kL1, Norm::kL2, Norm::kLinf},
                         .targeted = false,
                         .paper = "arXiv:2003.01690",
                         .summary = "Auto-PGD towards the likeliest wrong classes in turn",
                         .cost = "910 F + 900 B"});
}

}  // namespace faultline
