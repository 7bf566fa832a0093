// What the benchmarks of fuzzing share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace faultline {

/// A model of tests/data and how much of it is fuzzed.
struct FuzzSubject {
  const char* model;
  std::int64_t samples;
  std::int64_t evaluations;
};

/// Of an even number of values the mean of the middle two; 0 without any.
inline double median(std::vector<double> values) {
  if (values.empty()) {
    return 0;
  }
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace faultline
