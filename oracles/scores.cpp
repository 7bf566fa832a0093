#include "faultline/oracles/scores.h"

#include "faultline/core/error.h"
#include "faultline/core/margin.h"

namespace faultline {

namespace {

/// [N, K] bool: the k highest classes per row.
Tensor highest(const Tensor& outputs, std::int64_t k) {
  const Tensor classes = std::get<1>(outputs.topk(k, 1));
  return at::zeros(outputs.sizes(), at::kBool).scatter(1, classes, true);
}

/// Where the k-th and the (k+1)-th logit differ by no more than tau: [N] bool.
Tensor tied_at(const Tensor& outputs, std::int64_t k) {
  const Tensor logits = std::get<0>(outputs.topk(k + 1, 1));
  return (logits.select(1, k - 1) - logits.select(1, k)) <= tau(outputs);
}

}  // namespace

Slack score_direction(const OracleCase& c, const ScoreDirectionOptions& options) {
  if (options.of >= c.outputs.size(1)) {
    throw Error{ErrorCode::kUsage, "--oracle score-direction:of: class " + std::to_string(options.of) +
                                       " does not exist; the model has " + std::to_string(c.outputs.size(1))};
  }
  const Tensor classes =
      (options.of < 0 ? c.clean_outputs.argmax(1) : at::full({c.outputs.size(0)}, options.of, at::kLong)).unsqueeze(1);
  const auto probability = [&](const Tensor& outputs) {
    return outputs.to(at::kDouble).softmax(1).gather(1, classes).squeeze(1);
  };
  const Tensor change = probability(c.outputs) - probability(c.clean_outputs);
  const Tensor allowed = options.must == Direction::kNotFall ? change + options.by : options.by - change;
  // A logit is known to tau, and so a probability to a quarter of it at most.
  return {where_finite(allowed, c.outputs), tau(c.outputs).to(at::kDouble) / 4};
}

Slack top_k_overlap(const OracleCase& c, const TopKOptions& options) {
  if (options.k >= c.outputs.size(1) || options.at_least > options.k) {
    throw Error{ErrorCode::kUsage,
                "--oracle top-k-overlap: expected at-least <= k < the model's " + std::to_string(c.outputs.size(1)) +
                    " classes, got k=" + std::to_string(options.k) + ",at-least=" + std::to_string(options.at_least)};
  }
  const Tensor common = highest(c.clean_outputs, options.k).logical_and(highest(c.outputs, options.k)).sum(1);
  const Tensor values = common.to(at::kDouble) - options.at_least + 0.5;
  const Tensor tied = tied_at(c.clean_outputs, options.k).logical_or(tied_at(c.outputs, options.k));
  return {where_finite(values, c.outputs), at::where(tied, values.abs(), at::zeros_like(values))};
}

void register_scores(OracleRegistry& registry) {
  registry.add<&score_direction>({.name = "score-direction",
                                  .sentence = "a class's probability moves the way it must not, by more than allowed",
                                  .label_source = LabelSource::kNone});
  registry.add<&top_k_overlap>({.name = "top-k-overlap",
                                .sentence = "too few of the highest classes are those of the clean input",
                                .label_source = LabelSource::kNone});
}

}  // namespace faultline
