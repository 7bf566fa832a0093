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
};

}  // namespace faultline
