#include "faultline/oracles/agreement.h"

#include "faultline/core/error.h"
#include "faultline/core/margin.h"

namespace faultline {

namespace {

Slack between(const OracleCase& c, ScoreTarget& other, double gap) {
  const Tensor others = other.logits(c.inputs).to(at::kCPU, at::kFloat);
  FAULTLINE_ASSERT(others.size(1) == c.outputs.size(1), "both models have the same classes");
  const Tensor ours = c.outputs.argmax(1);
  const Tensor theirs = others.argmax(1);
  const Tensor one = margin(c.outputs, theirs);
  const Tensor two = margin(others, ours);
  // Where they agree, one of them has to change its mind; where they do not, both are sure of their own.
  const Tensor values = at::where(ours.eq(theirs), at::minimum(one, two), at::maximum(one, two));
  const Tensor tolerance = at::maximum(tau(c.outputs), tau(others)).to(at::kDouble);
  return {where_finite(where_finite(values.to(at::kDouble), c.outputs), others), tolerance.clamp_min(gap)};
}

std::optional<Twin> twin_of(Across across) {
  switch (across) {
    case Across::kBatch:
      return std::nullopt;
    case Across::kFloat64:
      return Twin::kFloat64;
    case Across::kBfloat16:
      return Twin::kBfloat16;
    case Across::kCuda:
      return Twin::kCuda;
  }
  return std::nullopt;
}

/// What the model gives when it is asked in the other way: [M, K] float64.
Tensor asked_otherwise(const OracleCase& c, Across across) {
  if (const std::optional<Twin> twin = twin_of(across)) {
    return c.models.twin(*twin).logits(c.inputs).to(at::kCPU, at::kDouble);
  }
  std::vector<Tensor> alone;
  for (std::int64_t row = 0; row < c.inputs.size(0); ++row) {
    alone.push_back(c.models.single().logits(c.inputs.narrow(0, row, 1)).to(at::kCPU, at::kDouble));
  }
  return at::cat(alone);
}

}  // namespace

Slack disagreement(const OracleCase& c, const DisagreementOptions& options) {
  const std::vector<ScoreTarget*> others = c.models.others();
  FAULTLINE_ASSERT(!others.empty(), "disagreement needs another model");
  Slack lowest = between(c, *others.front(), options.gap);
  for (std::size_t i = 1; i < others.size(); ++i) {
    lower_by(lowest, between(c, *others[i], options.gap));
  }
  return lowest;
}

void ConsistencyOptions::refine(OracleInfo& info) const {
  info.compares_batches = across == Across::kBatch;
  info.twin = twin_of(across);
}

Slack consistency(const OracleCase& c, const ConsistencyOptions& options) {
  const Tensor outputs = c.outputs.to(at::kDouble);
  const Tensor scale = outputs.abs().amax(1).clamp_min(1);
  const Tensor values = options.tolerance - (asked_otherwise(c, options.across) - outputs).abs().amax(1) / scale;
  return {where_finite(values, c.outputs), at::zeros_like(values)};
}

void register_agreement(OracleRegistry& registry) {
  registry.add<&disagreement>({.name = "disagreement",
                               .sentence = "two models take the input for different classes",
                               .label_source = LabelSource::kNone,
                               .needs_others = true});
  registry.add<&consistency>({.name = "consistency",
                              .sentence = "the model answers otherwise when it is asked in another way: the input "
                                          "alone in its batch, in another precision, on another device",
                              .label_source = LabelSource::kNone});
}

}  // namespace faultline
