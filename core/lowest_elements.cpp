#include "faultline/core/lowest_elements.h"

namespace faultline {

Tensor lowest_elements(const Tensor& values, const Tensor& counts) {
  const Tensor order = at::argsort(values.flatten(1), /*stable=*/true, /*dim=*/1, /*descending=*/false);
  const Tensor rank = at::argsort(order, /*stable=*/true, /*dim=*/1, /*descending=*/false);
  return rank.lt(counts.floor().unsqueeze(1)).view_as(values);
}

}  // namespace faultline
