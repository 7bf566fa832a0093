// Distances between inputs, always in float64. The only place where they are computed.
#pragma once

#include "faultline/core/norm.h"
#include "faultline/core/tensor.h"

namespace faultline {

/// The norm of a - b per row: [N, ...] float32 twice -> [N] float64. L0 counts the elements that differ.
[[nodiscard]] Tensor distance(const Tensor& a, const Tensor& b, Norm norm);

/// The distance between opposite corners of a box of that side and sample size: no budget needs to be larger.
[[nodiscard]] double largest_distance(Norm norm, double side, double elements);

}  // namespace faultline
