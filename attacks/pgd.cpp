#include "faultline/attacks/pgd.h"

#include "faultline/attacks/restarts.h"
#include "faultline/core/active_set.h"
#include "faultline/core/answer.h"
#include "faultline/core/ascent.h"
#include "faultline/core/best_points.h"
#include "faultline/core/projection.h"
#include "faultline/core/registry.h"
#include "faultline/core/sampling.h"

namespace faultline {

namespace {

/// The state of one restart: everything per active row.
class Ascent {
 public:
  Ascent(const Batch& batch, const ThreatModel& threat, const PgdOptions& options, const Tensor& start)
      : options_(options),
        feasible_(batch.inputs, threat),
        active_(batch.size()),
        point_(start.clone(at::MemoryFormat::Contiguous)),
        labels_(batch.labels.clone()),
        step_(broadcast_rows(threat.epsilon * options.relative_step, batch.inputs)) {
    feasible_.project_(point_);
    if (options.momentum > 0) {
      velocity_ = at::zeros_like(point_);
    }
  }

  /// Climbs until every row is done or the steps are spent. `rows` [N] are the batch's row numbers in `best`.
  void run(Target& target, const Tensor& rows, BestPoints& best) {
    for (int step = 0; step < options_.steps; ++step) {
      Answer here = ask(target, /*with_gradient=*/true);
      const Tensor done = best.offer(rows.index_select(0, active_.rows()), point_, here.logits());
      // On the mean of several calls a row goes on to where it fails more often.
      const bool rows_leave = options_.eot == 1;
      if (rows_leave && done.all().item<bool>()) {
        return;
      }
      Tensor gradient = here.gradient();
      if (rows_leave) {
        leave(done, gradient);
      }
      advance(gradient);
    }
    best.offer(rows.index_select(0, active_.rows()), point_, ask(target, /*with_gradient=*/false).logits());
  }

 private:
  [[nodiscard]] Answer ask(Target& target, bool with_gradient) const {
    return {target, point_, {options_.loss, labels_, feasible_.threat()}, {options_.eot, with_gradient}};
  }

  void leave(const Tensor& done, Tensor& gradient) {
    if (!active_.retire(done)) {
      return;
    }
    for (Tensor* per_row : {&point_, &labels_, &step_, &gradient}) {
      active_.compact(*per_row);
    }
    if (velocity_.defined()) {
      active_.compact(velocity_);
    }
    feasible_.compact(active_);
  }

  void advance(Tensor gradient) {
    if (velocity_.defined()) {
      // Each gradient enters with L1 length 1, so that early large ones do not drown later ones.
      const Tensor length = gradient.flatten(1).abs().sum(1).clamp_min(std::numeric_limits<float>::min());
      velocity_.mul_(options_.momentum).add_(gradient.div_(broadcast_rows(length, gradient)));
      gradient = velocity_.clone();
    }
    point_.addcmul_(ascent_direction(gradient, feasible_.threat().norm, options_.l1_share), step_);
    feasible_.project_(point_);
  }

  const PgdOptions& options_;
  FeasibleSet feasible_;
  ActiveSet active_;
  Tensor point_;     // [N, ...]
  Tensor labels_;    // [N]
  Tensor step_;      // [N, 1, ...] step length
  Tensor velocity_;  // [N, ...], undefined without momentum
};

Tensor start_of(const Batch& batch, const ThreatModel& threat, const PgdOptions& options, const Rng& rng, int restart) {
  if (restart == 0 && batch.starts.defined()) {
    return batch.starts;
  }
  if (restart == 0 && options.start == PgdStart::kClean) {
    return batch.inputs;
  }
  return sample_in_ball(batch, threat, rng, {.restart = static_cast<std::uint32_t>(restart)});
}

}  // namespace

AttackResult pgd(Target& target, const Batch& batch, const ThreatModel& threat, const PgdOptions& options,
                 const Rng& rng) {
  BestPoints best(batch, threat);
  for_each_restart(best, batch, threat, options.restarts, [&](const Restart& now) {
    Ascent(now.part, now.threat, options, start_of(now.part, now.threat, options, rng, now.number))
        .run(target, now.rows, best);
  });
  return std::move(best).result();
}

void register_pgd(AttackRegistry& registry) {
  registry.add<&pgd>({.name = "pgd",
                      .kind = AttackKind::kFixedBudget,
                      .norms = {Norm::kL1, Norm::kL2, Norm::kLinf},
                      .paper = "arXiv:1706.06083",
                      .summary = "projected gradient descent with restarts and momentum",
                      .cost = "101 F + 100 B"});
}

}  // namespace faultline
