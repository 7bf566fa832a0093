#include "faultline/oracles/agreement.h"

#include "faultline/core/error.h"
#include "faultline/core/margin.h"

namespace faultline {

Slack disagreement(const OracleCase& c, const DisagreementOptions& options) {
  FAULTLINE_ASSERT(c.other != nullptr, "disagreement needs another model");
  const Tensor others = c.other->logits(c.inputs).to(at::kCPU, at::kFloat);
  FAULTLINE_ASSERT(others.size(1) == c.outputs.size(1), "both models have the same classes");
  const Tensor ours = c.outputs.argmax(1);
  const Tensor theirs = others.argmax(1);
  const Tensor one = margin(c.outputs, theirs);
  const Tensor two = margin(others, ours);
  // Where they agree, one of them has to change its mind; where they do not, both are sure of their own.
  const Tensor values = at::where(ours.eq(theirs), at::minimum(one, two), at::maximum(one, two));
  const Tensor tolerance = at::maximum(tau(c.outputs), tau(others)).to(at::kDouble);
  return {where_finite(where_finite(values.to(at::kDouble), c.outputs), others), tolerance.clamp_min(options.gap)};
}

Slack consistency(const OracleCase& c, const ConsistencyOptions& options) {
  std::vector<Tensor> alone;
  for (std::int64_t row = 0; row < c.inputs.size(0); ++row) {
    alone.push_back(c.single.logits(c.inputs.narrow(0, row, 1)).to(at::kCPU, at::kDouble));
  }
  const Tensor outputs = c.outputs.to(at::kDouble);
  const Tensor scale = outputs.abs().amax(1).clamp_min(1);
  const Tensor values = options.tolerance - (at::cat(alone) - outputs).abs().amax(1) / scale;
  return {where_finite(values, c.outputs), at::zeros_like(values)};
}

void register_agreement(OracleRegistry& registry) {
  registry.add<&disagreement>({.name = "disagreement",
                               .sentence = "two models take the input for different classes",
                               .needs_labels = false,
                               .needs_other = true});
  registry.add<&consistency>({.name = "consistency",
                              .sentence = "the model answers otherwise when the input is alone in its batch",
                              .needs_labels = false,
                              .compares_batches = true});
}

}  // namespace faultline
