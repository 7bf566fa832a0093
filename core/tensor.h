// The tensor type of the whole project. Nothing else may live here: every file includes it.
#pragma once

#include <ATen/ATen.h>

namespace faultline {

using Tensor = at::Tensor;

}  // namespace faultline
