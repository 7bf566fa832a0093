// Images that somebody has corrupted already, such as CIFAR-10-C: measured in place of our own renderings.
//
//   const StoredCorruptions stored = open_stored("cifar10c:DIR", profile, samples, registries.data, options);
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "faultline/core/dataset.h"
#include "faultline/core/registry.h"
#include "faultline/eval/corruption_profile.h"

namespace faultline {

struct StoredCorruptions {
  std::string source{};  ///< As the user wrote it.
  std::string sha256{};  ///< Of all files.
  /// One entry per corruption of the profile, severities 1 .. 5.
  std::vector<std::array<std::unique_ptr<Dataset>, kSeverities>> cells{};
};

/// The clean samples that are measured.
struct CleanSamples {
  const Dataset& data;
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// Opens `spec`, which takes ",CORRUPTION,SEVERITY" behind it, cell by cell. Corruptions of the profile that are in no
/// mean and not there are taken out of it. Throws Error (kUsage) when another one is not there, or when a cell does not
/// hold the clean samples: another shape or label, or too few.
[[nodiscard]] StoredCorruptions open_stored(const std::string& spec, CorruptionProfile& profile,
                                            const CleanSamples& clean, const DataRegistry& readers,
                                            const DataOptions& options);

}  // namespace faultline
