// What a search over transforms is given, and what its results are verified against.
#pragma once

#include "faultline/core/batch.h"
#include "faultline/core/judge.h"
#include "faultline/core/threat_model.h"
#include "faultline/core/transform_space.h"

namespace faultline {

/// All of it must outlive the search.
struct TransformTask {
  const Batch& batch;  ///< Clean inputs [N, C, H, W].
  const Bounds& bounds;
  const TransformSpace& space;  ///< For images of that size.
  const Judge& judge;           ///< Of that batch.
  Tensor gradients{};  ///< [N, C, H, W] on the host, at the clean inputs; undefined unless the space needs them.

  /// The rendering of a row of the batch, whose clean inputs on the host are given.
  [[nodiscard]] Tensor render(const Recipe& recipe, const Tensor& clean, std::int64_t row) const {
    return space.render(recipe, clean[row], bounds, gradients.defined() ? gradients[row] : Tensor());
  }
};

}  // namespace faultline
