#include "golden/linear_models.h"

#include <limits>

#include "faultline/core/rng.h"
#include "faultline/targets/fakes.h"

namespace faultline {

namespace {

constexpr std::int64_t kRows = 40;
constexpr std::int64_t kClasses = 5;
constexpr std::int64_t kBlock = 8;
constexpr Bounds kWide{-1000, 1000};

/// [rows, ...] of standard normal numbers that depend on the seed only.
Tensor normal(std::uint64_t seed, at::IntArrayRef shape) {
  std::vector<SampleId> ids;
  for (std::int64_t row = 0; row < shape[0]; ++row) {
    ids.push_back({row, static_cast<std::uint64_t>(row)});
  }
  return Rng(seed).normal(ids, shape, {});
}

/// The samples whose lead is large enough for 1 % of it to stand above tau.
LinearGolden with_samples(const Tensor& weight, const Tensor& bias, std::uint64_t seed) {
  const Tensor inputs = normal(seed, {kRows, 2, weight.size(1) / 2});
  const Tensor logits = at::linear(inputs.flatten(1), weight, bias);
  const Tensor top = std::get<0>(logits.topk(2, /*dim=*/1));
  const Tensor clear = (top.select(1, 0) - top.select(1, 1)).gt(0.05 * weight.abs().sum(1).amax());
  const Tensor rows = clear.nonzero().squeeze(1);
  const Batch batch{inputs, logits.argmax(1), identify(inputs, 0), {}};
  return {weight, bias, select(batch, rows), kWide};
}

/// The norm dual to `norm` of each row of [N, D].
Tensor dual_norm(const Tensor& rows, Norm norm) {
  const double order = norm == Norm::kLinf ? 1 : (norm == Norm::kL2 ? 2 : std::numeric_limits<double>::infinity());
  return at::linalg_vector_norm(rows, order, at::IntArrayRef{-1});
}

}  // namespace

TargetFactory LinearGolden::make() const {
  return [w = weight, b = bias] { return std::make_unique<LinearTarget>(w, b); };
}

Tensor LinearGolden::logits() const {
  return at::linear(batch.inputs.flatten(1).to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble));
}

LinearGolden two_classes() { return with_samples(normal(11, {2, 24}), at::tensor({0.25F, -0.5F}), 12); }

LinearGolden five_blocks() {
  const Tensor signs = normal(21, {kClasses, kBlock}).sign();
  Tensor weight = at::zeros({kClasses, kClasses * kBlock});
  for (std::int64_t k = 0; k < kClasses; ++k) {
    weight[k].narrow(0, k * kBlock, kBlock).copy_(signs[k]);
  }
  return with_samples(weight, at::zeros({kClasses}), 22);
}

Tensor untargeted_distances(const LinearGolden& golden, Norm norm) {
  const Tensor logits = golden.logits();
  const Tensor labels = golden.batch.labels;
  const Tensor lead = logits.gather(1, labels.unsqueeze(1)) - logits;
  const Tensor weight = golden.weight.to(at::kDouble);
  const Tensor apart = dual_norm(weight.index_select(0, labels).unsqueeze(1) - weight.unsqueeze(0), norm);
  return (lead / apart).scatter(1, labels.unsqueeze(1), std::numeric_limits<double>::infinity()).amin(1);
}

Tensor targeted_linf_distances(const LinearGolden& golden, const Tensor& targets) {
  const Tensor logits = golden.logits();
  const Tensor reach = golden.weight.to(at::kDouble).abs().sum(1);
  const Tensor column = targets.unsqueeze(1);
  const Tensor behind = logits - logits.gather(1, column);
  const Tensor together = reach.unsqueeze(0) + reach.index_select(0, targets).unsqueeze(1);
  return (behind / together).scatter(1, column, 0).amax(1);
}

Tensor runners_up(const LinearGolden& golden) { return std::get<1>(golden.logits().topk(2, /*dim=*/1)).select(1, 1); }

}  // namespace faultline
