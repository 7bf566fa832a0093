// One row of numbers as a tensor.
#pragma once

#include <ATen/ATen.h>

#include <initializer_list>
#include <vector>

#include "faultline/core/tensor.h"

namespace faultline {

/// [1, n] float32.
inline Tensor row(std::initializer_list<float> values) {
  return at::tensor(std::vector<float>(values), at::kFloat).unsqueeze(0);
}

}  // namespace faultline
