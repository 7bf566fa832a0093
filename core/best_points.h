// The best point an attack has seen per row, and the one success test attacks use on logits they already have.
//
//   BestPoints best(batch, threat);
//   Tensor done = best.offer(active.rows(), x, logits);   // [M] bool: margin < -tau
//   return std::move(best).result();
#pragma once

#include <vector>

#include "faultline/core/attack.h"
#include "faultline/core/batch.h"
#include "faultline/core/judge.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// Invariant: per row, the offered point with the lowest goal_margin, first come first kept; the clean input before
/// any. Once the goal is reached, of points that reach it.
class BestPoints {
 public:
  BestPoints(const Batch& batch, const ThreatModel& threat);

  /// Offers points [M, ...] with their logits [M, K] for the rows numbered in `rows` ([M] int64, no repeats).
  /// Returns where the goal is reached: [M] bool, on the host.
  Tensor offer(const Tensor& rows, const Tensor& points, const Tensor& logits);

  /// The same with what a judge says in the place of logits and goal.
  Tensor offer(const Tensor& rows, const Tensor& points, const Slack& slack);

  /// Rows of the batch whose goal is not reached yet: [M] int64, on the host.
  [[nodiscard]] Tensor unfinished() const;

  /// The places in `rows` ([M] int64 on the host) of those among them: [L] int64, on the host.
  [[nodiscard]] Tensor unfinished_among(const Tensor& rows) const;

  /// Which of the points last offered became the best of their rows: their places in that offer, rising.
  [[nodiscard]] const std::vector<std::int64_t>& replaced() const { return replaced_; }

  [[nodiscard]] AttackResult result() && { return {std::move(points_), std::move(claimed_)}; }

 private:
  GoalJudge goal_;
  Tensor points_;
  std::vector<double> margins_;  // on the host, as all but the points
  Tensor claimed_;
  std::vector<std::int64_t> replaced_;
};

}  // namespace faultline
