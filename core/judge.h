// What counts as a failure, as a number per row: how far it is from failing.
//
//   const GoalJudge judge(batch.labels, threat);
//   const Slack slack = judge.slack(rows, inputs, target.logits(inputs));   // failed: values < -tolerance
#pragma once

#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// Below -tolerance a row fails, above it it holds, in between is a near tie.
struct Slack {
  Tensor values{};     ///< [M] float64 on the host.
  Tensor tolerance{};  ///< [M] float64 on the host, >= 0.
};

/// Takes the slack of `next` over in the rows [M] where it is lower: one that fails comes before one that does not,
/// however low the other's number is. Returns those rows, [M] bool.
Tensor lower_by(Slack& lowest, const Slack& next);

/// The values [M], NaN (neither failing nor holding) where an output [M, K] is not finite: such an output is no answer.
[[nodiscard]] Tensor where_finite(const Tensor& values, const Tensor& outputs);

/// Knows the clean batch that inputs were made from. Safe to share between threads unless a target it asks is not.
class Judge {
 public:
  Judge() = default;
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;
  virtual ~Judge() = default;

  /// `rows` [M] int64 on the host: the rows of the clean batch that `inputs` [M, ...] were made from; `outputs` [M, K].
  [[nodiscard]] virtual Slack slack(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const = 0;
};

/// Misclassification, or with targets reaching them: the margin of core/margin.h with tau.
class GoalJudge final : public Judge {
 public:
  /// labels [N]; of the threat model only the targets matter.
  GoalJudge(const Tensor& labels, const ThreatModel& threat);

  [[nodiscard]] Slack slack(const Tensor& rows, const Tensor& inputs, const Tensor& outputs) const override;

 private:
  Tensor labels_;  // on the host, as the targets
  Tensor targets_;
};

}  // namespace faultline
