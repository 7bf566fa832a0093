#include "faultline/attacks/apgd.h"

#include "faultline/attacks/adaptive_ascent.h"
#include "faultline/attacks/diverse_start.h"
#include "faultline/attacks/restarts.h"
#include "faultline/attacks/square_search.h"
#include "faultline/core/registry.h"

namespace faultline {

namespace {

Tensor start_of(Target& target, const Restart& now, const ApgdOptions& options, const Rng& rng, BestPoints& best) {
  const bool brings_own = now.number == 0 && now.part.starts.defined();
  if (options.start == ApgdOptions::Start::kFar || brings_own) {
    return far_start(now.part, now.threat, rng, now.number);
  }
  return options.start == ApgdOptions::Start::kDiverse
             ? diverse_start(target, now, rng, best)
             : searched_start(target, now.part, now.threat, options.search, rng, now.number);
}

}  // namespace

AttackResult apgd(Target& target, const Batch& batch, const ThreatModel& threat, const ApgdOptions& options,
                  const Rng& rng) {
  BestPoints best(batch, threat);
  const AdaptiveAscentSetting setting = ascent_setting(options);
  if (options.variant == Variant::kPublished) {
    (void)target.logits(batch.inputs);  // it looks whether they are right, which they are
  }
  for_each_restart(best, batch, threat, options.restarts, [&](const Restart& now) {
    const Tensor start = start_of(target, now, options, rng, best);
    const Tensor left = best.unfinished_among(now.rows);  // the way to the start may have been enough
    if (left.size(0) > 0) {
      adaptive_ascent(target,
                      {select(now.part, left), select(now.threat, left), start.index_select(0, left.to(start.device())),
                       now.rows.index_select(0, left)},
                      setting, best);
    }
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
