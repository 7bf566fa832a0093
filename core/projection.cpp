#include "faultline/core/projection.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "faultline/core/distance.h"
#include "faultline/core/error.h"
#include "faultline/core/lowest_elements.h"

namespace faultline {

namespace {

constexpr double kFloat32Half = 0x1p-24;  // half a float32 unit in the last place, relative

/// The corner of each row's box at clean + signed epsilon, in float32, rounded so that its float64 distance from clean
/// is not above epsilon.
Tensor corner(const Tensor& clean, const Tensor& signed_epsilon, const Bounds& bounds) {
  const Tensor centre = clean.to(at::kDouble);
  const Tensor offset = broadcast_rows(signed_epsilon, centre);
  const Tensor nearest = (centre + offset).clamp_(bounds.lower, bounds.upper).to(at::kFloat);
  const Tensor too_far = (nearest.to(at::kDouble) - centre).abs_().gt(offset.abs());
  return at::where(too_far, nearest.nextafter(clean), nearest);
}

/// The norm of float32 deltas, summed in float64: [N, ...] -> [N]. It is off by less than kDeltaError of itself.
Tensor length_of(const Tensor& delta, Norm norm) {
  const double order = norm == Norm::kL1 ? 1 : 2;
  return at::linalg_vector_norm(delta.flatten(1), order, at::IntArrayRef{1}, /*keepdim=*/false, at::kDouble);
}

constexpr double kDeltaError = 4 * kFloat32Half;

/// Which points lie inside epsilon, as distance() sees it; it is asked only where `length`, that of the float32 deltas,
/// is too close to tell.
Tensor within(const Tensor& points, const Tensor& clean, const Tensor& length, const ThreatModel& threat) {
  const Tensor inside = (length * (1 + kDeltaError)).le(threat.epsilon);
  const Tensor perhaps = (length * (1 - kDeltaError)).le(threat.epsilon);
  if (inside.equal(perhaps)) {
    return inside;
  }
  return distance(points, clean, threat.norm).le(threat.epsilon);
}

/// The radius aimed at: epsilon less what rounding clean + delta to float32 can add.
Tensor aimed_radius(const Tensor& clean, const ThreatModel& threat) {
  const double elements = static_cast<double>(clean.numel() / std::max<std::int64_t>(1, clean.size(0)));
  const double largest = std::max(std::abs(threat.bounds.lower), std::abs(threat.bounds.upper));
  const double rounding = kFloat32Half * largest * (threat.norm == Norm::kL1 ? elements : std::sqrt(elements));
  return (threat.epsilon * (1 - 16 * kFloat32Half) - rounding).clamp_min(0);
}

/// The multipliers [N, 1], lambda >= 0 with sum_i clamp(size_i - lambda, 0, room_i) = radius (0 where the
/// sum is below already).
/// The sum falls piecewise linearly in lambda; its kinks are at size - room (where an element leaves its wall) and at
/// size (where it reaches 0). size, room: [N, D] float64; radius: [N] float64.
Tensor l1_multiplier(const Tensor& size, const Tensor& room, const Tensor& radius) {
  const Tensor starts = (size - room).clamp_min(0);
  const auto [kinks, order] = at::cat({starts, size}, 1).sort(1);
  const std::int64_t width = size.size(1);
  const Tensor moving =
      at::where(order < width, 1.0, -1.0).cumsum(1).to(at::kDouble);  // elements that shrink after each kink
  const Tensor spans = kinks.slice(1, 1) - kinks.slice(1, 0, -1);
  const Tensor drops = (moving.slice(1, 0, -1) * spans).cumsum(1);
  const Tensor total = at::minimum(size, room).sum(1, /*keepdim=*/true);
  const Tensor sums = at::cat({total, total - drops}, 1);  // the sum at each kink; falls from left to right
  const Tensor target = radius.unsqueeze(1);
  const Tensor at_kink = (sums.ge(target).sum(1, /*keepdim=*/true) - 1).clamp_min(0);
  const Tensor excess = (sums.gather(1, at_kink) - target).clamp_min(0);
  return kinks.gather(1, at_kink) + excess / moving.gather(1, at_kink).clamp_min(1);
}

}  // namespace

FeasibleSet::FeasibleSet(const Tensor& clean, const ThreatModel& threat) : clean_(clean.clone()), threat_(threat) {
  FAULTLINE_ASSERT(clean.scalar_type() == at::kFloat && threat.epsilon.size(0) == clean.size(0),
                   "one epsilon per row of float32");
  threat_.epsilon = threat.epsilon.clone();
  if (threat.targeted()) {
    threat_.targets = threat.targets.clone();
  }
  if (threat_.norm == Norm::kLinf) {
    lower_ = corner(clean, threat.epsilon.neg(), threat.bounds);
    upper_ = corner(clean, threat.epsilon, threat.bounds);
  }
}

void FeasibleSet::compact(const ActiveSet& active) {
  active.compact(clean_);
  active.compact(threat_.epsilon);
  if (threat_.targeted()) {
    active.compact(threat_.targets);
  }
  if (lower_.defined()) {
    active.compact(lower_);
    active.compact(upper_);
  }
}

void FeasibleSet::project_(Tensor& points) const {
  switch (threat_.norm) {
    case Norm::kL0:
      return project_l0_(points);
    case Norm::kL1:
      return project_l1_(points);
    case Norm::kL2:
      return project_l2_(points);
    case Norm::kLinf:
      at::clamp_out(points, points, lower_, upper_);
      return;
  }
}

void FeasibleSet::project_l0_(Tensor& points) const {
  const Tensor boxed = points.clamp(threat_.bounds.lower, threat_.bounds.upper);
  const Tensor wanted = (points - clean_).flatten(1).to(at::kDouble);
  const Tensor lost = (points - boxed).flatten(1).to(at::kDouble);
  const Tensor gain = wanted.square() - lost.square();  // what keeping the element saves in squared distance
  const Tensor kept = lowest_elements(gain.neg(), threat_.epsilon).view_as(points);
  points.copy_(at::where(kept, boxed, clean_));
}

void FeasibleSet::project_l1_(Tensor& points) const {
  const Tensor delta = points - clean_;
  const Tensor boxed = points.clamp(threat_.bounds.lower, threat_.bounds.upper);
  const Tensor inside = within(boxed, clean_, length_of(boxed - clean_, Norm::kL1), threat_);
  if (inside.all().item<bool>()) {
    points.copy_(boxed);
    return;
  }
  const Tensor size = delta.flatten(1).abs().to(at::kDouble);
  const Tensor wall = at::where(delta >= 0, threat_.bounds.upper - clean_, clean_ - threat_.bounds.lower);
  const Tensor room = wall.flatten(1).to(at::kDouble).clamp_min(0);
  const Tensor radius = aimed_radius(clean_, threat_);
  // Where nothing may be kept, the rounding of lambda would leave a remainder.
  const Tensor left = size.mul(radius.gt(0).unsqueeze(1));
  const Tensor lambda = l1_multiplier(left, room, radius);
  const Tensor kept = (left - lambda).clamp_min_(0).minimum(room).to(at::kFloat).view_as(points);
  const Tensor projected = (clean_ + kept.copysign(delta)).clamp_(threat_.bounds.lower, threat_.bounds.upper);
  points.copy_(at::where(broadcast_rows(inside, boxed).to(at::kBool), boxed, projected));
}

void FeasibleSet::project_l2_(Tensor& points) const {
  const Tensor delta = points - clean_;
  const Tensor length = length_of(delta, Norm::kL2);
  const Tensor scale = aimed_radius(clean_, threat_) / length.clamp_min(std::numeric_limits<double>::min());
  const Tensor inside = broadcast_rows(within(points, clean_, length, threat_), points).to(at::kBool);
  const Tensor scaled = clean_ + delta * broadcast_rows(scale, points);
  points.copy_(at::where(inside, points, scaled).clamp_(threat_.bounds.lower, threat_.bounds.upper));
}

Tensor project(const Tensor& points, const Tensor& clean, const ThreatModel& threat) {
  Tensor copy = points.clone();
  FeasibleSet(clean, threat).project_(copy);
  return copy;
}

}  // namespace faultline
