// The runs of real models whose counts are known.
#pragma once

#include <string>
#include <vector>

#include "faultline/eval/summary.h"

namespace faultline {

/// Forty steps on the cross-entropy from the clean image, each a fixed length, at the budget a model was trained for.
struct KnownRun {
  std::string model;  ///< File name in tests/data.
  double epsilon;     ///< Linf.
  double relative_step;
};

/// What a count must be: within `slack` of `count`.
struct KnownCounts {
  std::int64_t clean_errors;  ///< Exact.
  std::int64_t adversarial_errors;
  std::int64_t slack;  ///< Near ties fall to either side on other processors.
};

/// Runs it on the first samples and compares.
void expect_known(const KnownRun& run, std::int64_t samples, const KnownCounts& counts);

[[nodiscard]] Summary run_forty_steps(const KnownRun& run, std::int64_t samples);

inline const KnownRun kWk17a{"mnist_wk17a.pt", 0.1, 0.1};
inline const KnownRun kLpd{"mnist_lpd_mlp_b_0.1.pt", 0.1, 0.1};
inline const KnownRun kAdv{"mnist_adv_mlp_b_0.1.pt", 0.1, 0.1};
inline const KnownRun kNor{"mnist_nor_mlp_b.pt", 0.02, 0.5};

}  // namespace faultline
