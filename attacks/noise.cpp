#include "faultline/attacks/noise.h"

#include "faultline/core/best_points.h"
#include "faultline/core/error.h"
#include "faultline/core/lowest_elements.h"
#include "faultline/core/projection.h"
#include "faultline/core/registry.h"
#include "faultline/core/sampling.h"

namespace faultline {

namespace {

Tensor gaussian(const Batch& batch, const ThreatModel& threat, double scale, const Rng& rng, Draw draw) {
  const double elements = static_cast<double>(batch.inputs.numel() / batch.size());
  const double per_element =
      threat.norm == Norm::kL1 ? 1 / elements : (threat.norm == Norm::kL2 ? 1 / std::sqrt(elements) : 1);
  const Tensor delta = rng.normal(batch.ids, batch.inputs.sizes(), draw).to(batch.inputs.device());
  return batch.inputs + delta * broadcast_rows(threat.epsilon * (scale * per_element), batch.inputs);
}

/// Random elements set to the lower or upper bound. The choice of elements follows a uniform draw, so that with L0 the
/// projection keeps exactly floor(epsilon) of them.
Tensor salt_and_pepper(const Batch& batch, const ThreatModel& threat, double share, const Rng& rng, Draw draw) {
  const Tensor pick = rng.uniform(batch.ids, batch.inputs.sizes(), draw).to(batch.inputs.device());
  draw.use += 1;
  const Tensor coin = rng.uniform(batch.ids, batch.inputs.sizes(), draw).to(batch.inputs.device());
  const Tensor extreme = at::where(coin < 0.5, at::scalar_tensor(threat.bounds.lower, coin.options()),
                                   at::scalar_tensor(threat.bounds.upper, coin.options()));
  const Tensor chosen = threat.norm == Norm::kL0 ? lowest_elements(pick, threat.epsilon) : pick < share;
  return at::where(chosen, extreme, batch.inputs);
}

Tensor draw_noise(const Batch& batch, const ThreatModel& threat, const NoiseOptions& options, const Rng& rng,
                  Draw draw) {
  switch (options.kind) {
    case NoiseKind::kUniform:
      return sample_in_ball(batch, threat, rng, draw);
    case NoiseKind::kGaussian:
      return gaussian(batch, threat, options.scale, rng, draw);
    case NoiseKind::kSaltAndPepper:
      return salt_and_pepper(batch, threat, options.share, rng, draw);
  }
  FAULTLINE_ASSERT(false, "unknown noise");
}

}  // namespace

AttackResult noise(ScoreTarget& target, const Batch& batch, const ThreatModel& threat, const NoiseOptions& options,
                   const Rng& rng) {
  BestPoints best(batch, threat);
  for (int number = 0; number < options.draws; ++number) {
    const Tensor rows = best.unfinished();
    if (rows.size(0) == 0) {
      break;
    }
    const Batch part = select(batch, rows);
    const ThreatModel budget = select(threat, rows);
    const Draw draw{.restart = static_cast<std::uint32_t>(number)};
    const Tensor point = project(draw_noise(part, budget, options, rng, draw), part.inputs, budget);
    best.offer(rows, point, target.logits(point));
  }
  return std::move(best).result();
}

void register_noise(AttackRegistry& registry) {
  registry.add<&noise>({.name = "noise",
                        .kind = AttackKind::kFixedBudget,
                        .norms = {Norm::kL0, Norm::kL1, Norm::kL2, Norm::kLinf},
                        .paper = "baseline",
                        .summary = "uniform, Gaussian or salt-and-pepper noise, best of many draws",
                        .cost = "100 F"});
}

}  // namespace faultline
