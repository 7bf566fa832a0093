// Normalisation inside the target, so that attacks and budgets stay in input units.
#pragma once

#include <memory>
#include <vector>

#include "faultline/core/target.h"

namespace faultline {

/// Gives the inner target (x - mean) / std per channel (axis 1) and gradients with respect to x.
class NormalizedTarget : public Target {
 public:
  /// One mean and std per channel, or one for all. Throws Error (kUsage) when the counts differ or a std is not > 0.
  NormalizedTarget(std::unique_ptr<Target> inner, const std::vector<double>& mean, const std::vector<double>& std);

  [[nodiscard]] Tensor logits(const Tensor& inputs) override;
  [[nodiscard]] Linearization linearize(const Tensor& inputs) override;

 private:
  [[nodiscard]] Tensor normalized(const Tensor& inputs) const;
  [[nodiscard]] Tensor per_channel(const Tensor& values, const Tensor& like) const;

  std::unique_ptr<Target> inner_;
  Tensor mean_;   // [C] or [1]
  Tensor scale_;  // 1 / std
};

}  // namespace faultline
