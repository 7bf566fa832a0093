// What every fuzz target of the data readers does with an array that was accepted.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "faultline/core/error.h"
#include "faultline/data/array_dataset.h"

namespace faultline {

inline Bytes fuzz_bytes(const std::uint8_t* data, std::size_t size) { return std::as_bytes(std::span(data, size)); }

/// Reads inputs and labels from the arrays as a data set would. Refusals are what is wanted.
inline void read_samples(const StoredArray& inputs, const StoredArray& labels) {
  const auto data = make_array_dataset(inputs, labels, {}, {});
  const std::int64_t count = std::min<std::int64_t>(data->size(), 3);
  (void)data->read(0, count);
  (void)data->read(data->size() - count, count);
}

/// Runs `parse`; an Error is a right answer, anything else that is thrown is a finding.
template <typename Parse>
int fuzz(const Parse& parse) {
  try {
    parse();
  } catch (const Error&) {  // refused
  }
  return 0;
}

}  // namespace faultline
