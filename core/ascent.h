// Directions of steepest ascent inside the unit ball of a norm.
#pragma once

#include "faultline/core/norm.h"
#include "faultline/core/tensor.h"

namespace faultline {

/// The direction of length 1 (in `norm`) along which a linear function with this gradient [N, ...] grows, per row.
/// Linf: sign. L2: the gradient scaled to length 1. L1: signs on the `l1_share` of elements with the largest gradient,
/// divided by their number, a sparse step as in SLIDE (Tramer & Boneh 2019, arXiv:1904.13000), because the exact
/// L1 direction moves one element a step. Rows with a zero gradient give zero. Not for L0.
/// Overwrites `gradient` where that saves a copy.
[[nodiscard]] Tensor ascent_direction(Tensor gradient, Norm norm, double l1_share);

}  // namespace faultline
