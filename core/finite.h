// Which rows of a tensor hold finite numbers only.
#pragma once

#include "faultline/core/tensor.h"

namespace faultline {

/// [N] bool on the host, of values [N, ...] of any device and floating-point type. One pass over float32 on the host.
[[nodiscard]] Tensor finite_rows(const Tensor& values);

}  // namespace faultline
