// A model of two classes made of another one: which side of a plane in its logits a point is on.
#pragma once

#include <memory>

#include "faultline/core/target.h"

namespace faultline {

/// logits = (-v, v) with v = direction . inner logits - threshold.
class ReadoutTarget : public Target {
 public:
  /// `direction` [K] float32 on the host.
  ReadoutTarget(std::unique_ptr<Target> inner, const Tensor& direction, double threshold)
      : inner_(std::move(inner)), direction_(direction), threshold_(threshold) {}

  [[nodiscard]] Tensor logits(const Tensor& inputs) override;
  [[nodiscard]] Linearization linearize(const Tensor& inputs) override;

 private:
  [[nodiscard]] Tensor read(const Tensor& inner_logits) const;

  std::unique_ptr<Target> inner_;
  Tensor direction_;
  double threshold_;
};

}  // namespace faultline
