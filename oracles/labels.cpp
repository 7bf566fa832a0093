#include "faultline/oracles/labels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "faultline/core/margin.h"

namespace faultline {

namespace {

Tensor tolerance_of(const Tensor& outputs) { return tau(outputs).to(at::kDouble); }

Tensor margin_of(const Tensor& outputs, const Tensor& labels) {
  return where_finite(margin(outputs, labels).to(at::kDouble), outputs);
}

/// By how much the log-odds of the prediction are below those of a probability: [N], negative when above.
Tensor lacks(const Tensor& outputs, double probability) {
  constexpr double kNearlyOne = 1 - 0x1p-53;
  const double bounded = std::clamp(probability, 0x1p-53, kNearlyOne);
  const Tensor logits = outputs.to(at::kDouble);
  const Tensor prediction = logits.argmax(1, /*keepdim=*/true);
  const Tensor best = logits.gather(1, prediction).squeeze(1);
  const Tensor others = logits.scatter(1, prediction, -std::numeric_limits<double>::infinity()).logsumexp(1);
  return std::log(bounded / (1 - bounded)) - (best - others);
}

}  // namespace

Slack misclassification(const OracleCase& c, const NoOptions& /*options*/) {
  return {margin_of(c.outputs, c.labels), tolerance_of(c.outputs)};
}

void LabelInvarianceOptions::refine(OracleInfo& info) const {
  info.needs_others = from == CleanLabel::kVote;
  info.label_source = from == CleanLabel::kVote ? LabelSource::kVote : LabelSource::kModel;
}

Slack label_invariance(const OracleCase& c, const LabelInvarianceOptions& options) {
  const Tensor prediction = c.clean_outputs.argmax(1);
  // Where the clean input lies between two classes, another prediction is none.
  Tensor tied = margin_of(c.clean_outputs, prediction) <= tolerance_of(c.clean_outputs);
  if (options.from == CleanLabel::kVote) {
    tied = tied.logical_or(c.voted.ne(prediction));
  }
  const Tensor values = margin_of(c.outputs, prediction);
  return {values, at::where(tied, values.abs(), tolerance_of(c.outputs))};
}

Slack confidence(const OracleCase& c, const ConfidenceOptions& options) {
  return {at::maximum(margin_of(c.outputs, c.labels), lacks(c.outputs, options.at_least)), tolerance_of(c.outputs)};
}

void register_labels(OracleRegistry& registry) {
  registry.add<&misclassification>(
      {.name = "misclassification", .sentence = "the input is taken for another class than its label"});
  registry.add<&label_invariance>({.name = "label-invariance",
                                   .sentence = "the prediction is another one than for the clean input, right or wrong",
                                   .label_source = LabelSource::kModel});
  registry.add<&confidence>(
      {.name = "confidence", .sentence = "the input is taken for a wrong class with at least that probability"});
}

}  // namespace faultline
