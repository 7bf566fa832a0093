#include "faultline/core/verifier.h"

#include <algorithm>

#include "faultline/core/distance.h"
#include "faultline/core/error.h"
#include "faultline/core/margin.h"

namespace faultline {

namespace {

/// Rows that hold only finite numbers inside the bounds: [M] bool on the host.
Tensor inside_bounds(const Tensor& candidates, const Bounds& bounds) {
  // In float32, as data and projections take them: float32 has no 0.3, and what it has instead is above.
  const Tensor rows = candidates.flatten(1);
  return rows.ge(bounds.lower).logical_and(rows.le(bounds.upper)).all(1).cpu();
}

/// Rows that are what their recipe in the space renders: [M] bool on the host.
Tensor rendered_again(const Tensor& candidates, const Batch& batch, const Bounds& bounds, const TransformSpace& space,
                      const std::vector<Recipe>& recipes) {
  const Tensor made = candidates.cpu();
  const Tensor clean = batch.inputs.cpu();
  const Tensor same = at::zeros({batch.size()}, at::kBool);
  for (std::int64_t row = 0; row < batch.size(); ++row) {
    const Recipe& recipe = recipes.at(static_cast<std::size_t>(row));
    same.mutable_data_ptr<bool>()[row] =
        space.contains(recipe) && space.render(recipe, clean[row], bounds).equal(made[row]);
  }
  return same;
}

Judgement judge(double margin, double tolerance) {
  if (margin < -tolerance) {
    return Judgement::kAccepted;
  }
  return margin <= tolerance ? Judgement::kNearTie : Judgement::kRejected;
}

/// Judges what is legal ([M] bool on the host) by what the model says of it.
std::vector<Verdict> judge_legal(ScoreTarget& target, ScoreTarget& single, const Batch& batch,
                                 const ThreatModel& threat, const Tensor& candidates, const Tensor& distances,
                                 const Tensor& legal) {
  std::vector<Verdict> verdicts(static_cast<std::size_t>(batch.size()));
  const std::vector<Answer> together = ask(target, candidates, batch.labels, threat);
  for (std::int64_t row = 0; row < batch.size(); ++row) {
    Verdict& verdict = verdicts[static_cast<std::size_t>(row)];
    const Answer& answer = together[static_cast<std::size_t>(row)];
    verdict.prediction = answer.prediction;
    verdict.margin = answer.margin;
    verdict.confidence = answer.confidence;
    verdict.distance = distances[row].item<double>();
    verdict.highest = answer.highest;
    if (!legal[row].item<bool>() || !answer.finite) {
      continue;
    }
    verdict.judgement = judge(answer.margin, answer.tau);
    if (verdict.judgement == Judgement::kAccepted && verdict.margin >= -kSmallMargin * answer.tau) {
      const Tensor one = at::tensor({row}, at::kLong);
      const Answer alone =
          ask(single, candidates.narrow(0, row, 1), batch.labels.narrow(0, row, 1), select(threat, one)).front();
      if (!alone.finite) {
        verdict.judgement = Judgement::kRejected;
        continue;
      }
      verdict.margin = std::max(verdict.margin, alone.margin);
      // The two looks agree to rounding; a difference large enough to matter makes it a near tie, never a success.
      verdict.judgement = alone.margin < -alone.tau ? Judgement::kAccepted : Judgement::kNearTie;
    }
  }
  return verdicts;
}

}  // namespace

std::vector<Answer> ask(ScoreTarget& target, const Tensor& inputs, const Tensor& labels, const ThreatModel& threat) {
  constexpr std::int64_t kHighest = 5;
  const Tensor logits = target.logits(inputs);
  const Tensor wide = logits.to(at::kDouble).cpu();
  const Tensor prediction = logits.argmax(1).cpu();
  const Tensor margins = goal_margin(logits, labels, threat).to(at::kDouble).cpu();
  const Tensor tolerance = tau(logits).to(at::kDouble).cpu();
  const Tensor confidence = wide.softmax(1).amax(1);
  const Tensor finite = wide.isfinite().all(1);
  const std::int64_t ranks = std::min(kHighest, wide.size(1));
  const auto [values, classes] = wide.topk(ranks, 1);
  const double* value = values.const_data_ptr<double>();
  const std::int64_t* number = classes.const_data_ptr<std::int64_t>();
  std::vector<Answer> answers(static_cast<std::size_t>(inputs.size(0)));
  for (std::int64_t row = 0; row < inputs.size(0); ++row) {
    Answer& answer = answers[static_cast<std::size_t>(row)];
    answer = {prediction.const_data_ptr<std::int64_t>()[row],
              margins.const_data_ptr<double>()[row],
              tolerance.const_data_ptr<double>()[row],
              confidence.const_data_ptr<double>()[row],
              finite.const_data_ptr<bool>()[row],
              {}};
    for (std::int64_t rank = 0; rank < ranks; ++rank) {
      answer.highest.emplace_back(*number++, *value++);
    }
  }
  return answers;
}

std::vector<Verdict> verify(ScoreTarget& target, ScoreTarget& single, const Batch& batch, const ThreatModel& threat,
                            const Tensor& candidates) {
  if (batch.size() == 0) {
    return {};
  }
  const Tensor distances = distance(candidates, batch.inputs, threat.norm);
  const Tensor legal = inside_bounds(candidates, threat.bounds).logical_and(distances.le(threat.epsilon).cpu());
  return judge_legal(target, single, batch, threat, candidates, distances, legal);
}

std::vector<Verdict> verify(ScoreTarget& target, ScoreTarget& single, const Batch& batch, const ThreatModel& threat,
                            const Tensor& candidates, const TransformSpace& space, const std::vector<Recipe>& recipes) {
  if (batch.size() == 0) {
    return {};
  }
  const Tensor distances = distance(candidates, batch.inputs, threat.norm);
  const Tensor legal = inside_bounds(candidates, threat.bounds)
                           .logical_and(rendered_again(candidates, batch, threat.bounds, space, recipes));
  return judge_legal(target, single, batch, threat, candidates, distances, legal);
}

std::vector<CleanVerdict> judge_clean(ScoreTarget& target, const Batch& batch) {
  std::vector<CleanVerdict> verdicts(static_cast<std::size_t>(batch.size()));
  if (verdicts.empty()) {
    return verdicts;
  }
  const std::vector<Answer> answers = ask(target, batch.inputs, batch.labels, ThreatModel{});
  for (std::size_t row = 0; row < answers.size(); ++row) {
    CleanVerdict& verdict = verdicts[row];
    const Answer& answer = answers[row];
    if (!answer.finite) {
      throw Error{ErrorCode::kUsage, "the model gives a non-finite output (NaN or infinity) on clean sample " +
                                         std::to_string(batch.ids[row].index) +
                                         "; check the file, --mean/--std and --bounds"};
    }
    verdict.prediction = answer.prediction;
    verdict.margin = answer.margin;
    verdict.confidence = answer.confidence;
    verdict.right = answer.margin >= -answer.tau;
    verdict.near_tie = std::abs(answer.margin) <= answer.tau;
  }
  return verdicts;
}

}  // namespace faultline
