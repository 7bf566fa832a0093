#include "faultline/core/judge.h"

#include <cmath>
#include <limits>

#include "faultline/core/finite.h"
#include "faultline/core/margin.h"

namespace faultline {

Tensor lower_by(Slack& lowest, const Slack& next) {
  lowest = {lowest.values.contiguous().clone(), lowest.tolerance.contiguous().clone()};
  const Tensor next_values = next.values.contiguous();
  const Tensor next_tolerance = next.tolerance.contiguous();
  Tensor lower = at::empty(lowest.values.sizes(), at::kBool);
  for (std::int64_t row = 0; row < lower.size(0); ++row) {
    double& value = lowest.values.mutable_data_ptr<double>()[row];
    double& tolerance = lowest.tolerance.mutable_data_ptr<double>()[row];
    const double other = next_values.const_data_ptr<double>()[row];
    const double other_tolerance = next_tolerance.const_data_ptr<double>()[row];
    const bool fails = other < -other_tolerance;
    const bool failed = value < -tolerance;
    const bool is_lower = (fails && !failed) || (fails == failed && other < value) || std::isnan(value);
    lower.mutable_data_ptr<bool>()[row] = is_lower;
    value = is_lower ? other : value;
    tolerance = is_lower ? other_tolerance : tolerance;
  }
  return lower;
}

Tensor where_finite(const Tensor& values, const Tensor& outputs) {
  const Tensor finite = finite_rows(outputs);
  Tensor answers = values.to(at::kCPU, at::kDouble).contiguous().clone();
  for (std::int64_t row = 0; row < answers.size(0); ++row) {
    if (!finite.const_data_ptr<bool>()[row]) {
      answers.mutable_data_ptr<double>()[row] = std::numeric_limits<double>::quiet_NaN();
    }
  }
  return answers;
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
