#include "faultline/core/sampling.h"

#include <limits>

#include "faultline/core/error.h"
#include "faultline/core/lowest_elements.h"

namespace faultline {

namespace {

/// radius * u^(1/D): the length of a point that is uniform in a D-ball.
Tensor uniform_radius(const Batch& batch, const ThreatModel& threat, const Rng& rng, Draw draw) {
  draw.use += 1;
  const std::int64_t shape[] = {batch.size()};
  const Tensor share = rng.uniform(batch.ids, shape, draw).to(at::kDouble);
  const double elements = static_cast<double>(batch.inputs.numel() / batch.size());
  return threat.epsilon * share.pow(1 / elements).to(threat.epsilon.device());
}

/// Delta of a point uniform in the L1 or L2 ball: a direction by Laplace or Gaussian draws, times a radius.
Tensor uniform_in_round_ball(const Batch& batch, const ThreatModel& threat, const Rng& rng, Draw draw) {
  Tensor direction;
  double order = 2;
  if (threat.norm == Norm::kL1) {
    order = 1;
    const Tensor centred = rng.uniform(batch.ids, batch.inputs.sizes(), draw) - 0.5;
    direction = (1 - 2 * centred.abs()).clamp_min(0x1p-25).log().neg() * centred.sign();
  } else {
    direction = rng.normal(batch.ids, batch.inputs.sizes(), draw);
  }
  constexpr double kNoDirection = 0x1p-60;  // a draw of zeros stays zero instead of 0 / 0
  const Tensor length =
      at::linalg_vector_norm(direction.flatten(1), order, at::IntArrayRef{1}, /*keepdim=*/false, at::kDouble)
          .clamp_min(kNoDirection);
  const Tensor radius = uniform_radius(batch, threat, rng, draw);
  return direction.to(batch.inputs.device()) * broadcast_rows(radius / length.to(radius.device()), batch.inputs);
}

/// New uniform values at floor(epsilon) random places.
Tensor resampled(const Batch& batch, const ThreatModel& threat, const Rng& rng, Draw draw) {
  const auto draws = [&](std::uint32_t use) {
    return rng.uniform(batch.ids, batch.inputs.sizes(), {draw.restart, draw.step, draw.use + use})
        .to(batch.inputs.device());
  };
  const Tensor chosen = lowest_elements(draws(0), threat.epsilon);
  const Tensor values = draws(1) * (threat.bounds.upper - threat.bounds.lower) + threat.bounds.lower;
  return at::where(chosen, values, batch.inputs);
}

}  // namespace

Tensor sample_in_ball(const Batch& batch, const ThreatModel& threat, const Rng& rng, Draw draw) {
  switch (threat.norm) {
    case Norm::kLinf: {
      const Tensor share = rng.uniform(batch.ids, batch.inputs.sizes(), draw).to(batch.inputs.device());
      return (batch.inputs + (2 * share - 1) * broadcast_rows(threat.epsilon, batch.inputs))
          .clamp_(threat.bounds.lower, threat.bounds.upper);
    }
    case Norm::kL1:
    case Norm::kL2:
      return (batch.inputs + uniform_in_round_ball(batch, threat, rng, draw))
          .clamp_(threat.bounds.lower, threat.bounds.upper);
    case Norm::kL0:
      return resampled(batch, threat, rng, draw);
  }
  FAULTLINE_ASSERT(false, "unknown norm");
}

Tensor sample_far_out(const Batch& batch, const ThreatModel& threat, const Rng& rng, Draw draw) {
  const at::IntArrayRef shape = batch.inputs.sizes();
  Tensor step = threat.norm == Norm::kLinf ? rng.uniform(batch.ids, shape, draw).mul_(2).sub_(1)
                                           : rng.normal(batch.ids, shape, draw);
  if (threat.norm != Norm::kL1) {
    constexpr double kNoDirection = 0x1p-60;
    const double order = threat.norm == Norm::kLinf ? std::numeric_limits<double>::infinity() : 2;
    const Tensor length =
        at::linalg_vector_norm(step.flatten(1), order, at::IntArrayRef{1}, /*keepdim=*/false, at::kDouble)
            .clamp_min(kNoDirection);
    step.mul_(broadcast_rows(threat.epsilon.cpu() / length, step));
  }
  return batch.inputs + step.to(batch.inputs.device());
}

}  // namespace faultline
