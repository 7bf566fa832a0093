#include "faultline/core/verifier.h"

#include <algorithm>

#include "faultline/core/distance.h"
#include "faultline/core/error.h"
#include "faultline/core/margin.h"

namespace faultline {

namespace {

/// Rows whose margin is within this many tau of a tie are looked at alone too.
constexpr double kSmallMargin = 16;

/// What the model says of rows, on the host.
struct Look {
  Tensor prediction;  // [N] int64
  Tensor margin;      // [N] float64
  Tensor tau;         // [N] float64
  Tensor confidence;  // [N] float64
  Tensor finite;      // [N] bool
};

Look look(ScoreTarget& target, const Tensor& inputs, const Tensor& labels, const ThreatModel& threat) {
  const Tensor logits = target.logits(inputs);
  const Tensor wide = logits.to(at::kDouble);
  return {logits.argmax(1).cpu(), goal_margin(logits, labels, threat).to(at::kDouble).cpu(),
          tau(logits).to(at::kDouble).cpu(), wide.softmax(1).amax(1).cpu(), logits.isfinite().all(1).cpu()};
}

/// Rows that lie inside the bounds and the budget and hold only finite numbers: [M] bool on the host.
Tensor feasible(const Tensor& candidates, const Tensor& distances, const ThreatModel& threat) {
  // In float32, as data and projections take them: float32 has no 0.3, and what it has instead is above.
  const Tensor rows = candidates.flatten(1);
  const Tensor inside = rows.ge(threat.bounds.lower).logical_and(rows.le(threat.bounds.upper)).all(1);
  return inside.logical_and(distances.le(threat.epsilon)).cpu();
}

Judgement judge(double margin, double tolerance) {
  if (margin < -tolerance) {
    return Judgement::kAccepted;
  }
  return margin <= tolerance ? Judgement::kNearTie : Judgement::kRejected;
}

}  // namespace

std::vector<Verdict> verify(ScoreTarget& target, ScoreTarget& single, const Batch& batch, const ThreatModel& threat,
                            const Tensor& candidates) {
  std::vector<Verdict> verdicts(static_cast<std::size_t>(batch.size()));
  if (verdicts.empty()) {
    return verdicts;
  }
  const Tensor distances = distance(candidates, batch.inputs, threat.norm);
  const Tensor legal = feasible(candidates, distances, threat);
  const Look together = look(target, candidates, batch.labels, threat);
  for (std::int64_t row = 0; row < batch.size(); ++row) {
    Verdict& verdict = verdicts[static_cast<std::size_t>(row)];
    verdict.prediction = together.prediction[row].item<std::int64_t>();
    verdict.margin = together.margin[row].item<double>();
    verdict.confidence = together.confidence[row].item<double>();
    verdict.distance = distances[row].item<double>();
    if (!legal[row].item<bool>() || !together.finite[row].item<bool>()) {
      continue;
    }
    const double tolerance = together.tau[row].item<double>();
    verdict.judgement = judge(verdict.margin, tolerance);
    if (verdict.judgement == Judgement::kAccepted && verdict.margin >= -kSmallMargin * tolerance) {
      const Tensor one = at::tensor({row}, at::kLong);
      const Look alone =
          look(single, candidates.narrow(0, row, 1), batch.labels.narrow(0, row, 1), select(threat, one));
      if (!alone.finite[0].item<bool>()) {
        verdict.judgement = Judgement::kRejected;
        continue;
      }
      verdict.margin = std::max(verdict.margin, alone.margin[0].item<double>());
      // The two looks agree to rounding; a difference large enough to matter makes it a near tie, never a success.
      verdict.judgement =
          alone.margin[0].item<double>() < -alone.tau[0].item<double>() ? Judgement::kAccepted : Judgement::kNearTie;
    }
  }
  return verdicts;
}

std::vector<CleanVerdict> judge_clean(ScoreTarget& target, const Batch& batch) {
  std::vector<CleanVerdict> verdicts(static_cast<std::size_t>(batch.size()));
  if (verdicts.empty()) {
    return verdicts;
  }
  const Look seen = look(target, batch.inputs, batch.labels, ThreatModel{});
  for (std::int64_t row = 0; row < batch.size(); ++row) {
    CleanVerdict& verdict = verdicts[static_cast<std::size_t>(row)];
    if (!seen.finite[row].item<bool>()) {
      throw Error{ErrorCode::kUsage, "the model gives a non-finite output (NaN or infinity) on clean sample " +
                                         std::to_string(batch.ids[static_cast<std::size_t>(row)].index) +
                                         "; check the file, --mean/--std and --bounds"};
    }
    const double tolerance = seen.tau[row].item<double>();
    verdict.prediction = seen.prediction[row].item<std::int64_t>();
    verdict.margin = seen.margin[row].item<double>();
    verdict.confidence = seen.confidence[row].item<double>();
    verdict.right = verdict.margin >= -tolerance;
    verdict.near_tie = std::abs(verdict.margin) <= tolerance;
  }
  return verdicts;
}

}  // namespace faultline
