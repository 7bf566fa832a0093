// The feasible set of a threat model around clean inputs, {x : ||x - clean|| <= epsilon, lower <= x <= upper}, and the
// projection onto it. The only place where either is computed.
//
//   FeasibleSet feasible(batch.inputs, threat);
//   feasible.project_(x);  // now distance(x, clean) <= epsilon holds in float64
#pragma once

#include "faultline/core/active_set.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// Invariant: project_() leaves every row inside bounds and, measured by distance() in float64, inside epsilon.
///
/// Linf: a clamp to precomputed float32 corners rounded inwards (exact). L2: scaling to the ball, then the box.
/// L1: the exact Euclidean projection onto the intersection of ball and box (Croce & Hein 2021, arXiv:2103.01208).
/// L0: keeps the floor(epsilon) elements whose loss would cost most, then the box (exact).
/// Rows already inside are not changed by one bit; for L1 and L2 the aim is a few float32 units inside the surface.
class FeasibleSet {
 public:
  /// `clean` [N, ...] float32 inside the bounds; threat.epsilon >= 0.
  FeasibleSet(const Tensor& clean, const ThreatModel& threat);

  /// Projects points [N, ...] float32 in place.
  void project_(Tensor& points) const;

  /// Keeps only the rows that are still active.
  void compact(const ActiveSet& active);

  [[nodiscard]] const Tensor& clean() const { return clean_; }
  [[nodiscard]] const ThreatModel& threat() const { return threat_; }

 private:
  void project_l0_(Tensor& points) const;
  void project_l1_(Tensor& points) const;
  void project_l2_(Tensor& points) const;

  Tensor clean_;
  ThreatModel threat_;
  Tensor lower_;  // Linf only: the corners of each row's box
  Tensor upper_;
};

/// A copy of `points` projected onto the feasible set.
[[nodiscard]] Tensor project(const Tensor& points, const Tensor& clean, const ThreatModel& threat);

}  // namespace faultline
