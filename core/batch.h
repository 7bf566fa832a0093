// A batch of samples: inputs, labels and stable ids.
//
//   Batch batch{inputs, labels, identify(inputs, /*first_index=*/0)};
//   Batch part = select(batch, rows);
#pragma once

#include <cstdint>
#include <vector>

#include "faultline/core/tensor.h"

namespace faultline {

/// Names a sample for good: its place in the data set and the hash of its input's float32 bytes.
struct SampleId {
  std::int64_t index = 0;
  std::uint64_t hash = 0;
  bool operator==(const SampleId&) const = default;
};

struct Batch {
  Tensor inputs;              ///< [N, ...] float32, inside the bounds.
  Tensor labels;              ///< [N] int64.
  std::vector<SampleId> ids;  ///< N ids.
  Tensor starts;              ///< [N, ...] float32: where an iterative attack begins; undefined: its own choice.

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(ids.size()); }
};

/// The rows numbered in `rows` ([M] int64, any order) as a batch of its own.
[[nodiscard]] Batch select(const Batch& batch, const Tensor& rows);

/// Ids of consecutive samples: indices from `first_index`, hashes of each row of `inputs` [N, ...] float32.
[[nodiscard]] std::vector<SampleId> identify(const Tensor& inputs, std::int64_t first_index);

/// The XXH3 hash of one tensor's float32 bytes in row-major order (any device, any shape).
[[nodiscard]] std::uint64_t hash_of(const Tensor& input);

}  // namespace faultline
