// Plain loops over the rows of small tensors ([N, K] logits), on the host: for so few numbers a loop costs less than
// one tensor operation. Not for inputs.
//
//   for_each_row(logits, labels, [&](std::int64_t row, auto z, std::int64_t y) { out[row] = z[y]; });
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include <ATen/Dispatch.h>

#include "faultline/core/error.h"
#include "faultline/core/tensor.h"

namespace faultline {

/// Calls visit(row, std::span<const float or double> of its K logits, its class) for logits [N, K] of any device and
/// classes [N] int64, each inside [0, K).
template <typename Visit>
void for_each_row(const Tensor& logits, const Tensor& classes, Visit&& visit) {
  FAULTLINE_ASSERT(logits.dim() == 2 && classes.dim() == 1 && classes.size(0) == logits.size(0), "one class per row");
  const Tensor host_logits = logits.cpu().contiguous();
  const Tensor host_classes = classes.cpu().contiguous();
  const std::int64_t* class_of = host_classes.const_data_ptr<std::int64_t>();
  const auto width = static_cast<std::size_t>(logits.size(1));
  AT_DISPATCH_FLOATING_TYPES(logits.scalar_type(), "for_each_row", [&] {
    const scalar_t* row_data = host_logits.template const_data_ptr<scalar_t>();
    for (std::int64_t row = 0; row < logits.size(0); ++row, row_data += width) {
      FAULTLINE_ASSERT(class_of[row] >= 0 && class_of[row] < logits.size(1), "a class of the model");
      visit(row, std::span<const scalar_t>(row_data, width), class_of[row]);
    }
  });
}

/// The class with the largest logit among all but `excluded`; the lowest of equal ones. NaN counts as largest.
template <typename T>
[[nodiscard]] std::int64_t strongest_other(std::span<const T> logits, std::int64_t excluded) {
  std::int64_t best = excluded == 0 ? 1 : 0;
  for (std::int64_t j = best + 1; j < static_cast<std::int64_t>(logits.size()); ++j) {
    const T candidate = logits[static_cast<std::size_t>(j)];
    const T leader = logits[static_cast<std::size_t>(best)];
    if (j != excluded && !std::isnan(leader) && !(candidate <= leader)) {
      best = j;
    }
  }
  return best;
}

}  // namespace faultline
