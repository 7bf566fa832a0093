// Random threat models with clean inputs and points around them, for the tests of projection and distance.
//
//   const ProjectionCase drawn = draw_projection_case(Norm::kL1);  // inside a rapidcheck property
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

struct ProjectionCase {
  Tensor clean;   ///< [N, ...] float32, inside the bounds, some elements on them.
  Tensor points;  ///< [N, ...] float32: each row near, on or far from the feasible set.
  ThreatModel threat;
};

/// Draws a case with rapidcheck: N from 0 to 5, one to three axes, an epsilon of its own per row: 0, tiny, dyadic,
/// 8/255, huge or a random share of the largest distance.
[[nodiscard]] ProjectionCase draw_projection_case(Norm norm);

/// [shape] float32 in [lower, upper], uniform.
[[nodiscard]] Tensor uniform_tensor(std::mt19937_64& random, const std::vector<std::int64_t>& shape, double lower,
                                    double upper);

/// Whether two float32 tensors hold the same bits.
[[nodiscard]] bool same_bits(const Tensor& a, const Tensor& b);

/// What rounding to float32 may cost a projection, per row in float64: a few units of epsilon's and of the bounds'
/// last place per element (L1) or per root of the elements (L2).
[[nodiscard]] Tensor rounding_allowance(const ProjectionCase& drawn);

}  // namespace faultline
