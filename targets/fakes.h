// Targets for tests whose behaviour is known in closed form.
#pragma once

#include "faultline/core/target.h"

namespace faultline {

/// logits = inputs.flatten(1) W^T + b: the distance to every decision boundary is known exactly.
class LinearTarget : public Target {
 public:
  /// weight [K, D], bias [K].
  LinearTarget(const Tensor& weight, const Tensor& bias);

  [[nodiscard]] Tensor logits(const Tensor& inputs) override;
  [[nodiscard]] Linearization linearize(const Tensor& inputs) override;

 private:
  Tensor weight_;
  Tensor bias_;
};

/// The same logits everywhere, with a zero gradient: nothing can be found.
class ConstantTarget : public Target {
 public:
  /// logits [K].
  explicit ConstantTarget(const Tensor& logits) : logits_(logits) {}

  [[nodiscard]] Tensor logits(const Tensor& inputs) override;
  [[nodiscard]] Linearization linearize(const Tensor& inputs) override;

 private:
  Tensor logits_;
};

}  // namespace faultline
