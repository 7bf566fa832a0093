#include "faultline/attacks/boundary_walk.h"

#include <limits>

#include "faultline/core/active_set.h"
#include "faultline/core/distance.h"
#include "faultline/core/finite.h"
#include "faultline/core/hyperplane.h"
#include "faultline/core/linearised_distance.h"
#include "faultline/core/margin.h"
#include "faultline/core/projection.h"
#include "faultline/core/sampling.h"

namespace faultline {

namespace {

/// The length of steps [N, ...] as [N, 1, ...], never 0.
Tensor lengths(const Tensor& steps, Norm norm) {
  return broadcast_rows(distance(steps, at::zeros_like(steps), norm).clamp_min(1e-8).to(steps.device()), steps);
}

/// Per row the class with the largest logit but for one: [N].
Tensor leader_but(const Tensor& logits, const Tensor& excluded) {
  return logits.scatter(1, excluded.unsqueeze(1), -std::numeric_limits<float>::infinity()).argmax(1);
}

class BoundaryWalk {
 public:
  BoundaryWalk(const Batch& batch, const ThreatModel& threat, const Tensor& classes, const BoundaryWalkSetting& setting,
               const Tensor& start)
      : setting_(setting),
        feasible_(batch.inputs, threat),
        active_(batch.size()),
        labels_(batch.labels.clone()),
        classes_(classes.defined() ? classes.clone() : Tensor()),
        point_(start.clone(at::MemoryFormat::Contiguous)) {}

  /// Each step asks once: about the point that it came to, which is also where the model is linearised.
  void run(Target& target, const Tensor& rows, BestPoints& best) {
    for (int step = 0; step <= setting_.steps; ++step) {
      const bool is_last = step == setting_.steps;
      const Linearization here = is_last ? Linearization{target.logits(point_), {}} : target.linearize(point_);
      const Tensor done = offer(rows, best, here.logits);
      if (is_last || done.all().item<bool>()) {
        return;
      }
      find_plane(here);
      Tensor crossed = crosses(here.logits);
      leave(done, crossed);
      const Tensor linearised_at = point_.clone();
      retreat(crossed);
      advance(linearised_at);
    }
  }

  /// Each step asks twice: where to go, and what is there.
  void run_as_published(Target& target, const Tensor& rows, BestPoints& best) {
    (void)target.logits(feasible_.clean());  // it looks whether inputs are right, which they are
    for (int step = 0; step < setting_.steps; ++step) {
      find_plane(target.linearize(point_));
      advance(point_);
      const Tensor logits = target.logits(point_);
      const Tensor done = offer(rows, best, logits);
      Tensor crossed = crosses(logits);
      leave(done, crossed);
      if (active_.empty()) {
        return;
      }
      retreat(crossed);
    }
    (void)target.logits(point_);  // it asks about its result once more
  }

 private:
  [[nodiscard]] Norm norm() const { return feasible_.threat().norm; }

  /// Where the goal is reached by a point inside the budget: [M] bool on the host.
  Tensor offer(const Tensor& rows, BestPoints& best, const Tensor& logits) const {
    const Tensor epsilon = feasible_.threat().epsilon;
    const Tensor inside = distance(point_, feasible_.clean(), norm()).to(epsilon.device()).le(epsilon);
    const Tensor places = inside.nonzero().squeeze(1).cpu();
    Tensor done = at::zeros({active_.size()}, at::kBool);
    if (places.size(0) > 0) {
      const Tensor chosen = places.to(point_.device());
      const Tensor numbers = rows.index_select(0, active_.rows()).index_select(0, places);
      done.index_copy_(0, places, best.offer(numbers, point_.index_select(0, chosen), logits.index_select(0, chosen)));
    }
    return done;
  }

  [[nodiscard]] Tensor crosses(const Tensor& logits) const {
    return goal_margin(logits, labels_, feasible_.threat()).lt(0);
  }

  /// The nearest linearised boundary.
  void find_plane(const Linearization& here) {
    const Tensor& targets = feasible_.threat().targets;
    plane_ = {};
    nearest_ = Tensor();
    if (targets.defined()) {
      consider(here, leader_but(here.logits, targets), targets);
      return;
    }
    const std::int64_t count = classes_.defined() ? classes_.size(1) : here.logits.size(1) - 1;
    for (std::int64_t number = 0; number < count; ++number) {
      // Without a list, the classes above a row's label move down by one.
      const Tensor other = classes_.defined() ? classes_.select(1, number) : labels_.le(number).to(at::kLong) + number;
      consider(here, labels_, other);
    }
  }

  /// Takes the boundary between two classes per row where it is nearer than those before.
  void consider(const Linearization& here, const Tensor& own, const Tensor& other) {
    Tensor cotangent = at::zeros_like(here.logits).scatter_(1, own.unsqueeze(1), -1.0);
    cotangent.scatter_(1, other.unsqueeze(1), 1.0);
    const Tensor gradients = finite_or_zero(here.pullback(cotangent));
    const Tensor lead = here.logits.gather(1, other.unsqueeze(1)) - here.logits.gather(1, own.unsqueeze(1));
    const Tensor values = lead.squeeze(1).to(at::kDouble);
    const Tensor distances = values.abs() / (dual_length(gradients, norm()) + 1e-12);
    if (!nearest_.defined()) {
      plane_ = {values.cpu(), gradients};
      nearest_ = distances;
      return;
    }
    const Tensor nearer = distances.lt(nearest_);
    nearest_ = at::where(nearer, distances, nearest_);
    plane_.values = at::where(nearer.cpu(), values.cpu(), plane_.values);
    plane_.gradients = at::where(broadcast_rows(nearer, gradients).to(at::kBool), gradients, plane_.gradients);
  }

  void leave(const Tensor& done, Tensor& crossed) {
    if (!active_.retire(done)) {
      return;
    }
    crossed = crossed.contiguous();
    for (Tensor* per_row : {&labels_, &point_, &plane_.values, &plane_.gradients, &crossed}) {
      active_.compact(*per_row);
    }
    if (classes_.defined()) {
      active_.compact(classes_);
    }
    feasible_.compact(active_);
  }

  void retreat(const Tensor& crossed) {
    const Tensor back = feasible_.clean() + (point_ - feasible_.clean()) * setting_.retreat;
    point_ = at::where(broadcast_rows(crossed, point_).to(at::kBool), back, point_);
  }

  /// The plane's value at points, given that it belongs to `linearised_at`.
  [[nodiscard]] LinearFunction plane_at(const Tensor& points, const Tensor& linearised_at) const {
    const Tensor change = (points - linearised_at).mul_(plane_.gradients).flatten(1).sum(1, false, at::kDouble).cpu();
    return {plane_.values + change, plane_.gradients};
  }

  /// Beyond the plane from the point, and a little from the clean input.
  void advance(const Tensor& linearised_at) {
    const Bounds& bounds = feasible_.threat().bounds;
    const Tensor& clean = feasible_.clean();
    const Tensor from_point = step_to_plane(point_, plane_at(point_, linearised_at), norm(), bounds);
    const Tensor from_clean = step_to_plane(clean, plane_at(clean, linearised_at), norm(), bounds);
    const Tensor near = lengths(from_point, norm());
    const Tensor pull = (near / (near + lengths(from_clean, norm()))).clamp_max(setting_.largest_pull);
    point_ =
        ((point_ + from_point * setting_.overshoot) * (1 - pull) + (clean + from_clean * setting_.overshoot) * pull)
            .clamp_(bounds.lower, bounds.upper);
  }

  const BoundaryWalkSetting& setting_;
  FeasibleSet feasible_;
  ActiveSet active_;
  // Per active row.
  Tensor labels_;
  Tensor classes_;        // [M, C]
  Tensor point_;          // [M, ...]
  LinearFunction plane_;  // of the last linearisation
  Tensor nearest_;        // the distance of the plane, while it is looked for
};

}  // namespace

void boundary_walk(Target& target, const Batch& batch, const ThreatModel& threat, const Tensor& classes,
                   const BoundaryWalkSetting& setting, const Tensor& start, const Tensor& rows, BestPoints& best) {
  BoundaryWalk walk(batch, threat, classes, setting, start);
  setting.variant == Variant::kOwn ? walk.run(target, rows, best) : walk.run_as_published(target, rows, best);
}

Tensor walk_start(const Batch& batch, const ThreatModel& threat, const Rng& rng, int restart) {
  if (restart == 0) {
    return batch.starts.defined() ? batch.starts.clamp(threat.bounds.lower, threat.bounds.upper) : batch.inputs;
  }
  ThreatModel half = threat;
  half.epsilon = threat.epsilon * 0.5;
  return project(sample_far_out(batch, half, rng, {.restart = static_cast<std::uint32_t>(restart)}), batch.inputs,
                 half);
}

}  // namespace faultline
