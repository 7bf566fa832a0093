#include "faultline/core/image.h"

#include "faultline/core/error.h"

namespace faultline {

Image image_of(const Tensor& tensor) {
  FAULTLINE_ASSERT(
      tensor.dim() == 3 && tensor.scalar_type() == at::kFloat && tensor.is_contiguous() && tensor.device().is_cpu(),
      "an image is [C, H, W] float32 on the CPU");
  return {tensor.mutable_data_ptr<float>(), static_cast<int>(tensor.size(0)), static_cast<int>(tensor.size(1)),
          static_cast<int>(tensor.size(2))};
}

}  // namespace faultline
