// An array as a file stores it, and its rows as tensors. All array readers meet here.
// Must not know any file format.
//
//   const Tensor inputs = to_inputs(read_rows(array, /*first=*/0, /*count=*/100), Bounds{0, 1});
#pragma once

#include <ATen/core/ScalarType.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"
#include "faultline/data/file.h"

namespace faultline {

/// Axes that npy and safetensors files may have.
constexpr std::size_t kMostAxes = 16;

/// Which axis of an array varies fastest in memory: the last (C) or the first (Fortran).
enum class AxisOrder { kLastFastest, kFirstFastest };

/// Little-endian values. `bytes` has exactly the size that type and shape ask for; any alignment.
struct StoredArray {
  std::string name;                 ///< As messages call it, such as "x.npy".
  at::ScalarType type = at::kByte;  ///< Type of one value.
  std::vector<std::int64_t> shape;  ///< [N, ...].
  AxisOrder order = AxisOrder::kLastFastest;
  Bytes bytes;
  std::shared_ptr<const void> owner;  ///< Keeps `bytes` alive: several arrays may lie in one file.
};

/// elements * item_size, or nothing when a size is negative, or the product exceeds 2^63 - 1.
[[nodiscard]] std::optional<std::uint64_t> byte_count(const std::vector<std::int64_t>& shape, std::size_t item_size);

/// "[100, 3, 32, 32]".
[[nodiscard]] std::string shape_text(const std::vector<std::int64_t>& shape);

/// Rows first .. first + count - 1 as a tensor [count, ...] of the stored type, in memory of its own, C order.
[[nodiscard]] Tensor read_rows(const StoredArray& array, std::int64_t first, std::int64_t count);

/// Stored values [N, ...] as float32 inputs, contiguous: uint8 0..255 is scaled into the bounds, floats are converted.
[[nodiscard]] Tensor to_inputs(const Tensor& stored, const Bounds& bounds);

/// The values of an integer array [N] or [N, 1]. Throws Error (kUsage) when the array is of another type or shape, or
/// when a value is negative or above 2^63 - 1.
[[nodiscard]] std::vector<std::int64_t> to_labels(const StoredArray& array);

}  // namespace faultline
