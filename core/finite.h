// Numbers that are none: which rows of a tensor hold them, and a tensor without them.
#pragma once

#include "faultline/core/tensor.h"

namespace faultline {

/// [N] bool on the host, of values [N, ...] of any device and floating-point type. One pass over float32 on the host.
[[nodiscard]] Tensor finite_rows(const Tensor& values);

/// The values, which may be overwritten, with 0 where they are NaN or infinite: one such entry of a gradient would
/// otherwise spread over its row in L2.
[[nodiscard]] Tensor finite_or_zero(Tensor values);

}  // namespace faultline
