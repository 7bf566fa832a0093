// A target that answers where the model throws: with NaN.
#pragma once

#include "faultline/core/target.h"

namespace faultline {

/// Gives rows on which the model throws Error (kUsage) outputs of NaN; the other rows of such a batch are asked again,
/// one by one. Throws it all the same when no row of a batch was ever answered: the classes are not known then.
class CatchingTarget : public Target {
 public:
  explicit CatchingTarget(Target& inner) : inner_(inner) {}

  [[nodiscard]] Tensor logits(const Tensor& inputs) override;
  [[nodiscard]] Linearization linearize(const Tensor& inputs) override { return inner_.linearize(inputs); }

 private:
  [[nodiscard]] Tensor row_by_row(const Tensor& inputs);

  Target& inner_;
  std::int64_t classes_ = 0;  // of the last answer
};

}  // namespace faultline
