#include "faultline/core/judge.h"

#include <limits>

#include "faultline/core/margin.h"

namespace faultline {

Tensor lower_by(Slack& lowest, const Slack& next) {
  const Tensor fails = next.values < -next.tolerance;
  const Tensor failed = lowest.values < -lowest.tolerance;
  Tensor lower = fails.logical_and(failed.logical_not())
                     .logical_or((next.values < lowest.values).logical_and(fails.eq(failed)))
                     .logical_or(lowest.values.isnan());
  lowest.values = at::where(lower, next.values, lowest.values);
  lowest.tolerance = at::where(lower, next.tolerance, lowest.tolerance);
  return lower;
}

Tensor where_finite(const Tensor& values, const Tensor& outputs) {
  return values.masked_fill(outputs.isfinite().all(1).logical_not(), std::numeric_limits<double>::quiet_NaN());
}

GoalJudge::GoalJudge(const Tensor& labels, const ThreatModel& threat)
    : labels_(labels.cpu()), targets_(threat.targeted() ? threat.targets.cpu() : Tensor()) {}

Slack GoalJudge::slack(const Tensor& rows, const Tensor& /*inputs*/, const Tensor& outputs) const {
  const Tensor logits = outputs.to(at::kCPU, at::kFloat);
  ThreatModel goal;
  if (targets_.defined()) {
    goal.targets = targets_.index_select(0, rows);
  }
  const Tensor margins = goal_margin(logits, labels_.index_select(0, rows), goal).to(at::kDouble);
  return {where_finite(margins, logits), tau(logits).to(at::kDouble)};
}

}  // namespace faultline
