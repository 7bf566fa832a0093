// Which elements of each row are among its lowest.
#pragma once

#include "faultline/core/tensor.h"

namespace faultline {

/// Marks the floor(counts[n]) lowest elements of each row: values [N, ...], counts [N] float64 -> [N, ...] bool. Of
/// equal ones the first are taken.
[[nodiscard]] Tensor lowest_elements(const Tensor& values, const Tensor& counts);

}  // namespace faultline
