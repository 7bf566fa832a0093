#include "faultline/core/distance.h"

#include <cmath>

#include "faultline/core/error.h"

namespace faultline {

Tensor distance(const Tensor& a, const Tensor& b, Norm norm) {
  FAULTLINE_ASSERT(a.sizes() == b.sizes(), "distance needs two tensors of one shape");
  if (a.size(0) == 0) {
    return at::zeros({0}, a.options().dtype(at::kDouble));
  }
  const Tensor difference = (a.to(at::kDouble) - b.to(at::kDouble)).flatten(1);
  switch (norm) {
    case Norm::kL0:
      return (difference != 0).sum(1).to(at::kDouble);
    case Norm::kL1:
      return difference.abs().sum(1);
    case Norm::kL2:
      return difference.square().sum(1).sqrt();
    case Norm::kLinf:
      return difference.abs().amax(1);
  }
  FAULTLINE_ASSERT(false, "unknown norm");
}

double largest_distance(Norm norm, double side, double elements) {
  switch (norm) {
    case Norm::kL0:
      return elements;
    case Norm::kL1:
      return side * elements;
    case Norm::kL2:
      return side * std::sqrt(elements);
    case Norm::kLinf:
      return side;
  }
  FAULTLINE_ASSERT(false, "unknown norm");
}

}  // namespace faultline
