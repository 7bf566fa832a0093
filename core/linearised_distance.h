// How far a decision boundary is, if the model were linear: a measure that scales with neither logits nor inputs.
//
//   Tensor epsilons = linearised_margin(target, points, labels, threat).distances / threat.epsilon;
#pragma once

#include "faultline/core/norm.h"
#include "faultline/core/target.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// The length of gradients [N, ...] in the norm dual to that of the inputs they belong to: [N] float64. Not for L0.
[[nodiscard]] Tensor dual_length(const Tensor& gradients, Norm norm);

/// Per row, what the goal's margin is at a point and how far away it would be 0.
struct LinearisedMargin {
  Tensor margins{};    ///< [N] float64 on the host.
  Tensor distances{};  ///< [N] float64 on the host, in the threat's norm; infinite or NaN: the gradient says nothing.
  Tensor gradients{};  ///< [N, ...] along which the margin falls; 0 where it is not finite.
};

/// Asks for one forward and one backward a row at points [N, ...]; of the threat model norm and targets matter.
[[nodiscard]] LinearisedMargin linearised_margin(Target& target, const Tensor& points, const Tensor& labels,
                                                 const ThreatModel& threat);

}  // namespace faultline
