// The property of merging, for the fast and the slow tests: how findings were split over corpora, and in which order
// those were merged, cannot be seen in the result.
//
//   expect_same_files({.findings = 1000, .partitions = 50, .seed = 1});
#pragma once

#include <cstdint>

namespace faultline {

struct MergeTrial {
  std::int64_t findings = 0;  ///< A tenth of them found by two models.
  int partitions = 0;         ///< Random ones, into two to six corpora, merged in random orders and brackets.
  std::uint64_t seed = 0;
};

/// Fails the test unless every partition gives, byte for byte, the files that one corpus would hold.
void expect_same_files(const MergeTrial& trial);

}  // namespace faultline
