// A target whose batches never have fewer rows than the floor batch.
#pragma once

#include "faultline/core/target.h"

namespace faultline {

/// Pads short batches with repeats of their last row and drops the extra results, so that a row's bits do not depend on
/// how many rows came with it (see kFloorBatch).
class PaddedTarget : public Target {
 public:
  explicit PaddedTarget(Target& inner) : inner_(inner) {}

  [[nodiscard]] Tensor logits(const Tensor& inputs) override;
  [[nodiscard]] Linearization linearize(const Tensor& inputs) override;

 private:
  Target& inner_;
};

}  // namespace faultline
