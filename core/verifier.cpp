#include "faultline/core/verifier.h"

#include <algorithm>
#include <cmath>

#include "faultline/core/distance.h"
#include "faultline/core/error.h"
#include "faultline/core/margin.h"

namespace faultline {

namespace {

/// Candidates that are what their recipe in the space renders of their rows of the batch: [M] bool on the host.
Tensor rendered_again(const TransformTask& task, const Tensor& rows, const Tensor& candidates,
                      const std::vector<Recipe>& recipes) {
  const Tensor made = candidates.cpu();
  const Tensor clean = task.batch.inputs.cpu();
  const Tensor same = at::zeros({rows.size(0)}, at::kBool);
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    const Recipe& recipe = recipes.at(static_cast<std::size_t>(i));
    same.mutable_data_ptr<bool>()[i] =
        task.space.contains(recipe) && task.render(recipe, clean, rows[i].item<std::int64_t>()).equal(made[i]);
  }
  return same;
}

Judgement judged(const Answer& answer) {
  if (answer.margin < -answer.tau) {
    return Judgement::kAccepted;
  }
  return answer.margin <= answer.tau ? Judgement::kNearTie : Judgement::kRejected;
}

Tensor all_rows(const Tensor& inputs) { return at::arange(inputs.size(0), at::kLong); }

}  // namespace

std::vector<Answer> ask(ScoreTarget& target, const Tensor& inputs, const Tensor& labels, const ThreatModel& threat) {
  return ask(target, inputs, GoalJudge(labels, threat), all_rows(inputs));
}

std::vector<Answer> ask(ScoreTarget& target, const Tensor& inputs, const Judge& judge, const Tensor& rows) {
  constexpr std::int64_t kHighest = 5;
  const Tensor logits = target.logits(inputs);
  const Slack slack = judge.slack(rows, inputs, logits);
  const Tensor wide = logits.to(at::kDouble).cpu();
  const Tensor prediction = logits.argmax(1).cpu();
  const Tensor margins = slack.values.contiguous();
  const Tensor tolerance = slack.tolerance.contiguous();
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

Tensor inside_bounds(const Tensor& candidates, const Bounds& bounds) {
  // In float32, as data and projections take them: float32 has no 0.3, and what it has instead is above.
  const Tensor rows = candidates.flatten(1);
  return rows.ge(bounds.lower).logical_and(rows.le(bounds.upper)).all(1).cpu();
}

std::vector<Verdict> verify(ScoreTarget& target, ScoreTarget& single, const Judge& judge, const Claims& claims) {
  std::vector<Verdict> verdicts(static_cast<std::size_t>(claims.rows.size(0)));
  const std::vector<Answer> together = ask(target, claims.candidates, judge, claims.rows);
  for (std::int64_t row = 0; row < claims.rows.size(0); ++row) {
    Verdict& verdict = verdicts[static_cast<std::size_t>(row)];
    const Answer& answer = together[static_cast<std::size_t>(row)];
    verdict.prediction = answer.prediction;
    verdict.margin = answer.margin;
    verdict.confidence = answer.confidence;
    verdict.distance = claims.distances[row].item<double>();
    verdict.highest = answer.highest;
    if (!claims.legal[row].item<bool>()) {
      continue;
    }
    verdict.judgement = judged(answer);
    if (verdict.judgement == Judgement::kAccepted && verdict.margin >= -kSmallMargin * answer.tau) {
      const Answer alone =
          ask(single, claims.candidates.narrow(0, row, 1), judge, claims.rows.narrow(0, row, 1)).front();
      if (std::isnan(alone.margin)) {
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

std::vector<Verdict> verify(ScoreTarget& target, ScoreTarget& single, const Batch& batch, const ThreatModel& threat,
                            const Tensor& candidates) {
  if (batch.size() == 0) {
    return {};
  }
  const Tensor distances = distance(candidates, batch.inputs, threat.norm);
  const Tensor legal = inside_bounds(candidates, threat.bounds).logical_and(distances.le(threat.epsilon).cpu());
  return verify(target, single, GoalJudge(batch.labels, threat), {candidates, all_rows(candidates), distances, legal});
}

std::vector<Verdict> verify(ScoreTarget& target, ScoreTarget& single, const TransformTask& task, const Tensor& rows,
                            const Tensor& candidates, const std::vector<Recipe>& recipes, Norm norm) {
  if (rows.size(0) == 0) {
    return {};
  }
  const Tensor clean = task.batch.inputs.index_select(0, rows.to(task.batch.inputs.device()));
  const Tensor legal =
      inside_bounds(candidates, task.bounds).logical_and(rendered_again(task, rows, candidates, recipes));
  return verify(target, single, task.judge, {candidates, rows, distance(candidates, clean, norm), legal});
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
