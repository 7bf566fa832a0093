#include "faultline/data/array.h"

#include <array>
#include <concepts>
#include <cstring>
#include <limits>
#include <utility>

#include "faultline/core/error.h"

namespace faultline {

namespace {

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

template <std::integral T>
std::vector<std::int64_t> convert_labels(const StoredArray& array) {
  std::vector<std::int64_t> labels(array.bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    T value{};
    std::memcpy(&value, array.bytes.data() + i * sizeof(T), sizeof(T));
    if (std::cmp_less(value, 0) || std::cmp_greater(value, kLargest)) {
      refuse(array.name, "the label of sample " + std::to_string(i) + " is " + std::to_string(value) +
                             "; labels are class numbers from 0");
    }
    labels[i] = static_cast<std::int64_t>(value);
  }
  return labels;
}

/// Bytes between two values that follow each other along the first axis of rows: those of one whole row.
std::size_t row_bytes(const StoredArray& array) {
  return array.bytes.size() / static_cast<std::size_t>(array.shape.front());
}

/// The first axis varies fastest: for every place inside a row, the rows' values lie side by side.
Tensor read_columns(const StoredArray& array, std::int64_t first, std::int64_t count) {
  const std::size_t item = c10::elementSize(array.type);
  const std::size_t places = row_bytes(array) / item;
  std::vector<std::int64_t> reversed(array.shape.rbegin(), array.shape.rend());
  reversed.back() = count;
  const Tensor columns = at::empty(reversed, array.type);
  const auto rows = static_cast<std::size_t>(count);
  const std::byte* source = array.bytes.data() + static_cast<std::size_t>(first) * item;
  auto* target = static_cast<std::byte*>(columns.data_ptr());
  for (std::size_t place = 0; place < places; ++place) {
    std::memcpy(target + place * rows * item, source, rows * item);
    source += static_cast<std::size_t>(array.shape.front()) * item;
  }
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = columns.dim() - 1; axis >= 0; --axis) {
    axes.push_back(axis);
  }
  return columns.permute(axes).contiguous();
}

Tensor scale_bytes(const Tensor& stored, const Bounds& bounds) {
  std::array<float, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<float>(bounds.lower + static_cast<double>(i) / 255.0 * (bounds.upper - bounds.lower));
  }
  table.back() = static_cast<float>(bounds.upper);  // rounding of the sum must not leave the box
  const Tensor source = stored.contiguous();
  Tensor inputs = at::empty(source.sizes(), at::kFloat);
  const std::uint8_t* from = source.const_data_ptr<std::uint8_t>();
  float* to = inputs.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < source.numel(); ++i) {
    to[i] = table[from[i]];
  }
  return inputs;
}

}  // namespace

std::optional<std::uint64_t> byte_count(const std::vector<std::int64_t>& shape, std::size_t item_size) {
  auto count = static_cast<std::int64_t>(item_size);
  bool fits = true;
  for (const std::int64_t size : shape) {
    fits = fits && size >= 0 && !__builtin_mul_overflow(count, size, &count);
  }
  return fits ? std::optional(static_cast<std::uint64_t>(count)) : std::nullopt;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t size : shape) {
    text += (text.empty() ? "" : ", ") + std::to_string(size);
  }
  return "[" + text + "]";
}

Tensor read_rows(const StoredArray& array, std::int64_t first, std::int64_t count) {
  FAULTLINE_ASSERT(first >= 0 && count > 0 && count <= array.shape.front() - first, "rows outside the array");
  if (array.order == AxisOrder::kFirstFastest) {
    return read_columns(array, first, count);
  }
  std::vector<std::int64_t> shape = array.shape;
  shape.front() = count;
  const Tensor rows = at::empty(shape, array.type);
  const std::size_t row = row_bytes(array);
  std::memcpy(rows.data_ptr(), array.bytes.data() + static_cast<std::size_t>(first) * row,
              static_cast<std::size_t>(count) * row);
  return rows;
}

Tensor to_inputs(const Tensor& stored, const Bounds& bounds) {
  return stored.scalar_type() == at::kByte ? scale_bytes(stored, bounds) : stored.contiguous().to(at::kFloat);
}

std::vector<std::int64_t> to_labels(const StoredArray& array) {
  const bool column = array.shape.size() == 2 && array.shape[1] == 1;
  if (array.shape.size() != 1 && !column) {
    refuse(array.name, "labels have shape " + shape_text(array.shape) + "; expected [N]");
  }
  switch (array.type) {
    case at::kByte:
      return convert_labels<std::uint8_t>(array);
    case at::kChar:
      return convert_labels<std::int8_t>(array);
    case at::kUInt16:
      return convert_labels<std::uint16_t>(array);
    case at::kShort:
      return convert_labels<std::int16_t>(array);
    case at::kUInt32:
      return convert_labels<std::uint32_t>(array);
    case at::kInt:
      return convert_labels<std::int32_t>(array);
    case at::kUInt64:
      return convert_labels<std::uint64_t>(array);
    case at::kLong:
      return convert_labels<std::int64_t>(array);
    default:
      refuse(array.name, std::string("labels have type ") + c10::toString(array.type) + "; expected integers");
  }
}

}  // namespace faultline
