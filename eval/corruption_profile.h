// The published common corruptions as parameter values of mutators: which mutator, and with what, at each severity.
// Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations", ICLR
// 2019, arXiv:1903.12261. The algorithms are ours; docs/corruptions.md lists what differs from the published ones.
//
//   for (const Corruption& corruption : corruption_profile("cifar10-c").corruptions) { ... }
#pragma once

#include <array>
#include <string>
#include <vector>

#include "faultline/core/mutator.h"

namespace faultline {

/// One corruption of a profile.
struct Corruption {
  std::string name{};                                         ///< As published: "gaussian_noise".
  std::string mutator{};                                      ///< That renders it.
  bool extra = false;                                         ///< One of the four for validation, which no mean counts.
  std::array<std::vector<double>, kSeverities> severities{};  ///< The mutator's parameters at severities 1 .. 5.
};

struct CorruptionProfile {
  std::string name{};                     ///< "imagenet-c", "tiny-imagenet-c" or "cifar10-c".
  int side = 0;                           ///< Of the images it was published for.
  std::vector<Corruption> corruptions{};  ///< The fifteen in the published order, then the four.
};

[[nodiscard]] const std::vector<CorruptionProfile>& corruption_profiles();

/// Throws Error (kUsage) with the nearest name when there is none.
[[nodiscard]] const CorruptionProfile& corruption_profile(const std::string& name);

}  // namespace faultline
