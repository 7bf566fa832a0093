#include "faultline/attacks/adaptive_ascent.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "faultline/core/active_set.h"
#include "faultline/core/answer.h"
#include "faultline/core/ascent.h"
#include "faultline/core/distance.h"
#include "faultline/core/projection.h"
#include "faultline/core/sampling.h"

namespace faultline {

namespace {

int share_of(int steps, double share) { return static_cast<int>(share * steps); }

/// The steps in each of the wider radii of L1; one at least is left for the budget itself.
int wide_steps(int steps, int left) {
  constexpr double kShare = 0.3;
  return std::min(static_cast<int>(std::ceil(kShare * steps)), left - 1);
}

/// Steps from one checkpoint to the next.
class Windows {
 public:
  Windows(Norm norm, int steps)
      : window_(std::max(share_of(steps, norm == Norm::kL1 ? 0.04 : 0.22), 1)),
        shrink_(norm == Norm::kL1 ? 0 : std::max(share_of(steps, 0.03), 1)),
        least_(norm == Norm::kL1 ? 1 : std::max(share_of(steps, 0.06), 1)) {}

  /// To be called once a step. Returns the length of the window that ends with it, or 0.
  int next() {
    if (++taken_ < window_) {
      return 0;
    }
    const int length = window_;
    window_ = std::max(window_ - shrink_, least_);
    taken_ = 0;
    return length;
  }

 private:
  int window_;
  int shrink_;
  int least_;
  int taken_ = 0;
};

/// Elements that differ, per row: [N] float32.
Tensor support(const Tensor& points, const Tensor& origins) {
  return points.ne(origins).flatten(1).sum(1).to(at::kFloat);
}

/// Signs of the elements whose gradient is among the largest `share` [N] of its row, divided by their number.
Tensor sparse_direction(const Tensor& gradient, const Tensor& share) {
  const Tensor sizes = gradient.flatten(1).abs();
  const auto elements = static_cast<double>(sizes.size(1));
  const Tensor place = share.neg().add(1).mul(elements).clamp(0, elements - 1).to(at::kLong).unsqueeze(1);
  const Tensor threshold = std::get<0>(sizes.sort(1)).gather(1, place);
  const Tensor signs = gradient.flatten(1).sign().mul_(sizes.ge(threshold));
  return signs.div_(signs.abs().sum(1, /*keepdim=*/true).clamp_min(1)).view_as(gradient);
}

/// Who hears of the points of a run.
struct Audience {
  const Tensor& rows;  // as of adaptive_ascent()
  BestPoints& best;
  std::optional<Tensor> budget{};  // of a run in a wider radius: what counts lies inside it
};

/// What a run leaves behind.
struct AscentsEnd {
  Tensor rows{};    // [M] int64 on the host: those of its batch that have not left
  Tensor points{};  // [M, ...] with the highest loss of each; undefined without rows
};

class AdaptiveAscent {
 public:
  AdaptiveAscent(const Batch& batch, const ThreatModel& aim, const AdaptiveAscentSetting& setting, int steps,
                 const Tensor& start)
      : setting_(setting),
        steps_(steps),
        feasible_(batch.inputs, aim),
        active_(batch.size()),
        windows_(aim.norm, steps),
        labels_(batch.labels.clone()),
        point_(start.clone(at::MemoryFormat::Contiguous)) {
    feasible_.project_(point_);
    previous_ = point_.clone();
    longest_ = aim.epsilon.to(at::kFloat) * (aim.norm == Norm::kL1 ? 1.0 : 2.0);
    step_ = longest_.clone();
    rises_ = at::zeros_like(step_);
    halved_ = at::ones_like(step_, at::kBool);
    if (aim.norm == Norm::kL1) {
      constexpr double kFirstShare = 0.2;
      support_ = at::full_like(step_, static_cast<double>(point_.numel() / std::max<std::int64_t>(1, batch.size())));
      share_ = at::full_like(step_, kFirstShare);
    }
  }

  /// L1: the number of elements in which the start differs decides how many a step moves.
  void step_as_sparsely_as_the_start() {
    support_ = support(point_, feasible_.clean());
    share_ = share_of_support();
  }

  /// Climbs until the steps are spent or every row has left.
  AscentsEnd run(Target& target, const Audience& audience) {
    for (int step = 0; step <= steps_; ++step) {
      if (step > 0) {
        advance(step == 1);
      }
      if (look(target, audience, step)) {
        break;
      }
    }
    return {active_.rows(), best_point_};
  }

 private:
  [[nodiscard]] Norm norm() const { return feasible_.threat().norm; }

  /// Asks the model about the point. Returns whether nothing is left to do.
  bool look(Target& target, const Audience& audience, int step) {
    const bool is_last = step == steps_;
    const bool needs_gradient = !is_last || setting_.variant == Variant::kPublished;
    Answer here(target, point_, {setting_.loss, labels_, feasible_.threat()}, {setting_.eot, needs_gradient});
    const Tensor done = offer(audience, here.logits());
    // On the mean of several calls a row goes on to where it fails more often.
    const bool rows_leave = setting_.eot == 1;
    if (rows_leave && done.all().item<bool>()) {
      active_.retire(done);
      return true;
    }
    if (needs_gradient) {
      gradient_ = here.gradient();
    }
    if (is_last && !audience.budget) {
      return true;
    }
    loss_ = here.losses();
    if (step == 0) {
      begin();
    }
    if (rows_leave) {
      leave(done);
    }
    note(step);
    return false;
  }

  /// Offers the points that count. Returns where the goal is reached: [M] bool on the host.
  Tensor offer(const Audience& audience, const Tensor& logits) const {
    const Tensor rows = audience.rows.index_select(0, active_.rows());
    if (!audience.budget) {
      return audience.best.offer(rows, point_, logits);
    }
    Tensor done = at::zeros({rows.size(0)}, at::kBool);
    const Tensor budget = audience.budget->index_select(0, active_.rows().to(audience.budget->device()));
    const Tensor distances = distance(point_, feasible_.clean(), norm());
    const Tensor places = distances.le(budget.to(distances.device())).nonzero().squeeze(1).cpu();
    if (places.size(0) > 0) {
      const Tensor chosen = places.to(point_.device());
      done.index_copy_(0, places,
                       audience.best.offer(rows.index_select(0, places), point_.index_select(0, chosen),
                                           logits.index_select(0, chosen)));
    }
    return done;
  }

  void begin() {
    best_point_ = point_.clone();
    best_gradient_ = gradient_.clone();
    best_loss_ = loss_.clone();
    checked_loss_ = loss_.clone();
    last_loss_ = at::zeros_like(loss_);  // not the first loss: as published
  }

  void leave(const Tensor& done) {
    if (!active_.retire(done)) {
      return;
    }
    for (Tensor* per_row : {&point_, &previous_, &gradient_, &labels_, &step_, &longest_, &rises_, &halved_, &loss_,
                            &last_loss_, &best_point_, &best_gradient_, &best_loss_, &checked_loss_}) {
      active_.compact(*per_row);
    }
    if (norm() == Norm::kL1) {
      active_.compact(support_);
      active_.compact(share_);
    }
    feasible_.compact(active_);
  }

  /// What the step came to, and at the end of a window what follows from that.
  void note(int step) {
    if (step == 0) {
      return;
    }
    rises_.add_(loss_.gt(last_loss_));
    last_loss_ = loss_;
    const Tensor better = loss_.gt(best_loss_);
    take_over(better, best_point_, point_);
    take_over(better, best_gradient_, gradient_);
    best_loss_ = at::where(better, loss_, best_loss_);
    if (const int window = windows_.next(); window > 0 && step < steps_) {
      norm() == Norm::kL1 ? check_sparsity() : check_progress(window);
    }
  }

  /// Copies the rows where `which` is set.
  static void take_over(const Tensor& which, Tensor& to, const Tensor& from) {
    const Tensor rows = which.nonzero().squeeze(1);
    if (rows.size(0) > 0) {
      to.index_copy_(0, rows, from.index_select(0, rows));
    }
  }

  void restart_from_best(const Tensor& which) {
    take_over(which, point_, best_point_);
    take_over(which, gradient_, best_gradient_);
  }

  void check_progress(int window) {
    const Tensor oscillates = rises_.le(setting_.rho * window);
    const Tensor stands = halved_.logical_not().logical_and(checked_loss_.ge(best_loss_));
    halved_ = oscillates.logical_or(stands);
    checked_loss_ = best_loss_.clone();
    step_ = at::where(halved_, step_ / 2, step_);
    restart_from_best(halved_);
    rises_.zero_();
  }

  [[nodiscard]] Tensor share_of_support() const {
    constexpr double kSparser = 1.5;
    return support_.div(static_cast<double>(point_.flatten(1).size(1)) * kSparser);
  }

  void check_sparsity() {
    constexpr double kShrank = 0.95;
    constexpr double kShorter = 1.5;
    constexpr double kShortest = 10;
    const Tensor now = support(best_point_, feasible_.clean());
    const Tensor shrank = now.div(support_.clamp_min(1)).lt(kShrank);
    support_ = now;
    share_ = share_of_support();
    step_ = at::where(shrank, longest_, step_ / kShorter);
    step_ = at::maximum(step_, longest_ / kShortest);
    restart_from_best(shrank);
  }

  /// A step along the gradient; in L2 and Linf with a share of the last movement.
  void advance(bool is_first) {
    constexpr double kShareOfStep = 0.75;
    if (norm() == Norm::kL1) {
      point_.addcmul_(sparse_direction(gradient_, share_), broadcast_rows(step_, point_));
      feasible_.project_(point_);
      return;
    }
    Tensor next = point_.addcmul(ascent_direction(gradient_.clone(), norm(), 0), broadcast_rows(step_, point_));
    feasible_.project_(next);
    if (!is_first) {
      next.sub_(point_).mul_(kShareOfStep).add_(point_, 2 - kShareOfStep).sub_(previous_, 1 - kShareOfStep);
      feasible_.project_(next);
    }
    previous_ = std::exchange(point_, next);
  }

  const AdaptiveAscentSetting& setting_;
  int steps_;
  FeasibleSet feasible_;
  ActiveSet active_;
  Windows windows_;
  // Per active row.
  Tensor labels_;
  Tensor point_;     // [N, ...]
  Tensor previous_;  // [N, ...] the one before
  Tensor gradient_;  // [N, ...] at the point
  Tensor loss_;
  Tensor last_loss_;
  Tensor step_;     // length
  Tensor longest_;  // of a step
  Tensor rises_;    // of the loss in this window
  Tensor halved_;   // [N] bool: at the last checkpoint
  Tensor best_point_;
  Tensor best_gradient_;
  Tensor best_loss_;
  Tensor checked_loss_;  // the best at the last checkpoint
  Tensor support_;       // L1: elements of the best point that differ from the clean input, at the last checkpoint
  Tensor share_;         // L1: of the elements that a step moves
};

}  // namespace

Tensor far_start(const Batch& batch, const ThreatModel& threat, const Rng& rng, int restart) {
  return restart == 0 && batch.starts.defined()
             ? batch.starts
             : sample_far_out(batch, threat, rng, {.restart = static_cast<std::uint32_t>(restart)});
}

void adaptive_ascent(Target& target, const Ascended& ascended, const AdaptiveAscentSetting& setting, BestPoints& best) {
  const bool shrinks = ascended.aim.norm == Norm::kL1 && setting.l1_radii == L1Radii::kShrinking;
  Ascended now = ascended;
  int left = setting.steps;
  for (const int radius : {3, 2}) {
    const int steps = shrinks ? wide_steps(setting.steps, left) : 0;
    if (steps <= 0) {
      continue;
    }
    ThreatModel wide = now.aim;
    wide.epsilon = now.aim.epsilon * radius;
    AdaptiveAscent ascent(now.batch, wide, setting, steps, now.start);
    ascent.step_as_sparsely_as_the_start();
    const AscentsEnd end = ascent.run(target, {now.rows, best, now.aim.epsilon});
    if (end.rows.size(0) == 0) {
      return;
    }
    now = {select(now.batch, end.rows), select(now.aim, end.rows), end.points, now.rows.index_select(0, end.rows)};
    left -= steps;
  }
  AdaptiveAscent ascent(now.batch, now.aim, setting, left, now.start);
  if (shrinks) {
    ascent.step_as_sparsely_as_the_start();
  }
  (void)ascent.run(target, {now.rows, best});
}

}  // namespace faultline
