// Starts spread out in the space of outputs rather than of inputs.
#pragma once

#include "faultline/attacks/restarts.h"
#include "faultline/core/best_points.h"
#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/core/tensor.h"

namespace faultline {

constexpr int kDiverseSteps = 7;

/// Output diversified initialisation: from a random point of the ball, steps of length epsilon that climb a random
/// linear function of the logits, other weights for each sample and restart. Tashiro et al., NeurIPS 2020,
/// arXiv:2003.06878; seven steps as in A3, Liu et al., CVPR 2022, arXiv:2203.05154. [N, ...] inside the threat model.
/// The points on the way are offered to `best`, where the batch's rows have the numbers restart.rows. Costs
/// kDiverseSteps forwards and as many backwards a row.
[[nodiscard]] Tensor diverse_start(Target& target, const Restart& restart, const Rng& rng, BestPoints& best);

}  // namespace faultline
