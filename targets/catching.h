// A target that answers where the model throws: with NaN.
#pragma once

#include "faultline/core/target.h"

namespace faultline {

/// Gives rows on which the model throws Error (kUsage) outputs of NaN; the other rows of such a batch are asked again,
/// one by one. Throws it all the same when no row of a batch was ever answered: the classes are not known then.
class CatchingTarget : public Target {
 public:
  /// `classes`: how many the model has, once one of those that share it was answered; 0 before.
  CatchingTarget(Target& inner, std::int64_t& classes) : inner_(inner), classes_(classes) {}

  [[nodiscard]] Tensor logits(const Tensor& inputs) override;
  [[nodiscard]] Linearization linearize(const Tensor& inputs) override { return inner_.linearize(inputs); }

 private:
  [[nodiscard]] Tensor row_by_row(const Tensor& inputs);

  Target& inner_;
  std::int64_t& classes_;
};

}  // namespace faultline
