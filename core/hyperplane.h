// The shortest way from a point onto a hyperplane inside the box.
//
//   Tensor step = step_to_plane(points, {values, gradients}, Norm::kLinf, bounds);  // values + gradients . step = 0
#pragma once

#include "faultline/core/norm.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// Per row a linear function: its value at a point, and its gradient.
struct LinearFunction {
  Tensor values{};     ///< [N] float64 on the host.
  Tensor gradients{};  ///< [N, ...] float32.
};

/// Per row the shortest step in L1, L2 or Linf that brings the function to 0 without leaving the bounds; as near to 0
/// as the bounds allow where they do not allow it; 0 where the gradient is 0 or not finite. `points` [N, ...] float32
/// inside the bounds; returns the same shape, on the same device. Croce & Hein 2020, arXiv:1907.02044, section 3.1;
/// here without sorting in L2 and Linf: Newton's method ends at the solution of a concave function of pieces.
[[nodiscard]] Tensor step_to_plane(const Tensor& points, const LinearFunction& function, Norm norm,
                                   const Bounds& bounds);

}  // namespace faultline
