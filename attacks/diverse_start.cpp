#include "faultline/attacks/diverse_start.h"

#include "faultline/core/ascent.h"
#include "faultline/core/finite.h"
#include "faultline/core/projection.h"
#include "faultline/core/sampling.h"

namespace faultline {

Tensor diverse_start(Target& target, const Restart& restart, const Rng& rng, BestPoints& best) {
  constexpr double kL1Share = 0.05;
  const Batch& batch = restart.part;
  const ThreatModel& threat = restart.threat;
  const FeasibleSet feasible(batch.inputs, threat);
  const Rng own = rng.derived("diverse start");
  const Draw draw{.restart = static_cast<std::uint32_t>(restart.number)};
  const Tensor step = broadcast_rows(threat.epsilon, batch.inputs);
  Tensor point = sample_in_ball(batch, threat, own, draw);
  feasible.project_(point);
  Tensor weights;
  for (int number = 0; number < kDiverseSteps; ++number) {
    const Linearization here = target.linearize(point);
    best.offer(restart.rows, point, here.logits);
    if (!weights.defined()) {
      weights = own.derived("weights").uniform(batch.ids, here.logits.sizes(), draw).mul_(2).sub_(1).to(here.logits);
    }
    point.addcmul_(ascent_direction(finite_or_zero(here.pullback(weights)), threat.norm, kL1Share), step);
    feasible.project_(point);
  }
  return point;
}

}  // namespace faultline
