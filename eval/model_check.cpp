#include "faultline/eval/model_check.h"

#include "faultline/core/error.h"
#include "faultline/core/finite.h"
#include "faultline/core/loss.h"

namespace faultline {

namespace {

/// The batch's rows repeated in turn until there are `rows` of them, beginning with row `first`.
Tensor cycled(const Tensor& inputs, std::int64_t first, std::int64_t rows) {
  return inputs.index_select(0, (at::arange(rows, at::kLong) + first).remainder(inputs.size(0)));
}

}  // namespace

ModelFacts examine(ScoreTarget& target, const Batch& batch) {
  ModelFacts facts;
  const Tensor floor = cycled(batch.inputs, 0, kFloorBatch);
  const Tensor logits = target.logits(floor);
  facts.classes = logits.size(1);
  facts.finite = logits.isfinite().all().item<bool>();
  constexpr double kRounding = 1e-4;
  facts.probabilities =
      facts.finite && logits.ge(0).all().item<bool>() && (logits.sum(1) - 1).abs().max().item<double>() < kRounding;
  facts.repeatable = at::equal(logits, target.logits(floor));
  // The same rows at other places, among others, in a batch of another size.
  const std::int64_t shift = batch.size() > 1 ? 1 : 0;
  const Tensor elsewhere = target.logits(cycled(batch.inputs, shift, kFloorBatch + 7));
  const Tensor same = logits.narrow(0, shift, kFloorBatch - shift);
  facts.row_independent = !facts.repeatable || at::equal(same, elsewhere.narrow(0, 0, kFloorBatch - shift));
  return facts;
}

double batch_effect(ScoreTarget& plain, const Batch& batch, std::int64_t rows) {
  const Tensor reference = plain.logits(cycled(batch.inputs, 0, kFloorBatch)).narrow(0, 0, 1);
  return (plain.logits(cycled(batch.inputs, 0, rows)).narrow(0, 0, 1) - reference).abs().max().item<double>();
}

std::vector<Warning> warnings_of(const ModelFacts& facts) {
  std::vector<Warning> warnings;
  if (facts.probabilities) {
    warnings.push_back({"probabilities",
                        "the outputs are probabilities, not logits: a saturated softmax hides gradients, so robust "
                        "accuracy may be too high; save the model without its softmax"});
  }
  if (!facts.repeatable) {
    warnings.push_back({"not-deterministic",
                        "two calls on the same input differ: single runs of an attack do not settle robustness, and "
                        "results cannot be repeated"});
  }
  if (!facts.row_independent) {
    warnings.push_back({"batch-dependent", "a row's output depends on its batch: results hold for this --batch only"});
  }
  return warnings;
}

void check_labels(const std::vector<std::int64_t>& labels, std::int64_t classes) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= classes) {
      throw Error{ErrorCode::kUsage, "--data: the label of sample " + std::to_string(i) + " is " +
                                         std::to_string(labels[i]) + ", but the model has the classes 0.." +
                                         std::to_string(classes - 1)};
    }
  }
}

GradientFacts examine_gradient(Target& target, const Batch& batch) {
  const Linearization here = target.linearize(batch.inputs);
  const Tensor gradient =
      here.pullback(differentiate(Loss::kMargin, here.logits, batch.labels, ThreatModel{}).cotangent);
  const Tensor finite = finite_rows(gradient);
  return {.zero = gradient.count_nonzero().item<std::int64_t>() == 0,
          .not_finite = finite.logical_not().sum().item<std::int64_t>()};
}

std::vector<Warning> warnings_of(const GradientFacts& facts, std::int64_t rows) {
  std::vector<Warning> warnings;
  if (facts.zero) {
    warnings.push_back(
        {"zero-gradient",
         "the gradient is zero on all of the first samples: a gradient attack cannot work here, so robust "
         "accuracy says nothing; take an attack that asks for none, like --attack square (the default preset "
         "ends with it)"});
  }
  if (facts.not_finite > 0) {
    warnings.push_back({"non-finite-gradient",
                        "the gradient is NaN or infinite on " + std::to_string(facts.not_finite) + " of the first " +
                            std::to_string(rows) +
                            " samples: a gradient attack cannot work there, so robust accuracy is too high; look for "
                            "sqrt, log or a division at 0 in the model, or take --attack square, which asks for none"});
  }
  return warnings;
}

}  // namespace faultline
