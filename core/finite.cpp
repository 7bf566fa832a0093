#include "faultline/core/finite.h"

#include <bit>
#include <cstdint>

namespace faultline {

namespace {

/// Integers, so that the compiler takes many at once.
bool all_finite(const float* values, std::int64_t count) {
  constexpr std::uint32_t kExponent = 0x7F800000;  // all ones: infinite or NaN
  std::uint32_t found = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    found |= (std::bit_cast<std::uint32_t>(values[i]) & kExponent) == kExponent ? 1U : 0U;
  }
  return found == 0;
}

}  // namespace

Tensor finite_rows(const Tensor& values) {
  if (values.is_cuda() || values.scalar_type() != at::kFloat) {
    return values.isfinite().flatten(1).all(1).cpu();
  }
  const Tensor rows = values.contiguous();
  const std::int64_t count = rows.size(0);
  const std::int64_t length = count == 0 ? 0 : rows.numel() / count;
  Tensor finite = at::empty({count}, at::kBool);
  for (std::int64_t row = 0; row < count; ++row) {
    finite.mutable_data_ptr<bool>()[row] = all_finite(rows.const_data_ptr<float>() + row * length, length);
  }
  return finite;
}

Tensor finite_or_zero(Tensor values) {
  const bool quick_to_read = !values.is_cuda() && values.scalar_type() == at::kFloat;
  return quick_to_read && finite_rows(values).all().item<bool>() ? values : values.nan_to_num_(0, 0, 0);
}

}  // namespace faultline
