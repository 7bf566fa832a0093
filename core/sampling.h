// Random points inside a threat model.
#pragma once

#include "faultline/core/batch.h"
#include "faultline/core/rng.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// A random point of each row's ball, then the box: [N, ...] float32 (not yet projected to the last float32 unit).
/// Linf: uniform. L2, L1: uniform in the ball. L0: floor(epsilon) elements (ties aside) with uniform new values.
[[nodiscard]] Tensor sample_in_ball(const Batch& batch, const ThreatModel& threat, const Rng& rng, Draw draw);

/// A random point at the far end of each row's ball, where Auto-PGD begins (Croce & Hein 2020, arXiv:2003.01690): [N,
/// ...] float32, to be projected. Linf: uniform, stretched until one element is epsilon away. L2: a Gaussian direction,
/// epsilon long. L1: a Gaussian step, much longer than epsilon.
[[nodiscard]] Tensor sample_far_out(const Batch& batch, const ThreatModel& threat, const Rng& rng, Draw draw);

}  // namespace faultline
