#include "faultline/targets/normalized.h"

#include "faultline/core/error.h"

namespace faultline {

NormalizedTarget::NormalizedTarget(std::unique_ptr<Target> inner, const std::vector<double>& mean,
                                   const std::vector<double>& std)
    : inner_(std::move(inner)),
      mean_(at::tensor(mean, at::kFloat)),
      scale_(at::tensor(std, at::kDouble).reciprocal().to(at::kFloat)) {
  if (mean.size() != std.size() || mean.empty()) {
    throw Error{ErrorCode::kUsage, "--mean/--std: expected as many of the one as of the other, got " +
                                       std::to_string(mean.size()) + " and " + std::to_string(std.size())};
  }
  if (std::ranges::any_of(std, [](double value) { return !(value > 0); })) {
    throw Error{ErrorCode::kUsage, "--std: every value must be > 0"};
  }
}

Tensor NormalizedTarget::per_channel(const Tensor& values, const Tensor& like) const {
  if (values.size(0) != 1 && (like.dim() < 2 || like.size(1) != values.size(0))) {
    throw Error{ErrorCode::kUsage, "--mean/--std: " + std::to_string(values.size(0)) +
                                       " values given, but the inputs have " +
                                       std::to_string(like.dim() < 2 ? 1 : like.size(1)) + " channel(s)"};
  }
  std::vector<std::int64_t> shape(static_cast<std::size_t>(like.dim()), 1);
  if (values.size(0) != 1) {
    shape[1] = values.size(0);
  }
  return values.to(like.device()).view(shape);
}

Tensor NormalizedTarget::normalized(const Tensor& inputs) const {
  return (inputs - per_channel(mean_, inputs)).mul_(per_channel(scale_, inputs));
}

Tensor NormalizedTarget::logits(const Tensor& inputs) { return inner_->logits(normalized(inputs)); }

Linearization NormalizedTarget::linearize(const Tensor& inputs) {
  Linearization inside = inner_->linearize(normalized(inputs));
  return {inside.logits, [scale = per_channel(scale_, inputs), pullback = std::move(inside.pullback)](
                             const Tensor& cotangent) { return pullback(cotangent) * scale; }};
}

}  // namespace faultline
