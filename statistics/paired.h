// Two models on the same samples: whether one is better, and whether the new one may be worse by so much.
// Plain numbers only: must not depend on tensors, models or attacks.
//
//   PairedCounts counts{.samples = 1000, .broken = 12, .mended = 4};
//   double p = mcnemar(counts);                                   // 0.0768
//   Interval drop = paired_drop(counts);                          // 0.8 points, with its interval
//   NonInferiority gate = non_inferiority(counts, /*margin=*/0.02);
#pragma once

#include <cstdint>
#include <optional>

#include "faultline/statistics/proportion.h"

namespace faultline {

/// What became of the same samples under an old and a new model.
struct PairedCounts {
  std::int64_t samples = 0;
  std::int64_t broken = 0;  ///< Right under the old model, wrong under the new one.
  std::int64_t mended = 0;  ///< Wrong under the old model, right under the new one.
  bool operator==(const PairedCounts&) const = default;
};

/// The two-sided exact p-value of "as many samples break as are mended": min(1, 2 P[Bin(broken + mended, 1/2) <=
/// min(broken, mended)]); 1 when none differ.
/// McNemar, "Note on the sampling error of the difference between correlated proportions or percentages",
/// Psychometrika 12, 1947; exact after Mosteller, Psychometrika 17, 1952.
[[nodiscard]] double mcnemar(const PairedCounts& counts);

/// The one-sided exact p-value of "no more samples break than are mended": P[Bin(broken + mended, 1/2) >= broken]; 1
/// when none differ.
[[nodiscard]] double mcnemar_worse(const PairedCounts& counts);

/// By how much accuracy falls from the old model to the new one, (broken - mended) / samples, with the Wald interval of
/// one more broken and one more mended sample; inside [-1, 1]; {0, -1, 1} without samples.
/// Bonett and Price, "Adjusted Wald confidence interval for a difference of binomial proportions based on paired data",
/// J. Educ. Behav. Stat. 37, 2012.
[[nodiscard]] Interval paired_drop(const PairedCounts& counts, double confidence = 0.95);

/// Whether a limit is kept, as far as the samples tell.
enum class Certainty { kKept, kBroken, kInconclusive };

/// Whether the new model is worse than the old one by less than a margin.
struct NonInferiority {
  Certainty certainty = Certainty::kInconclusive;
  Interval drop{};
  /// Where inconclusive: about so many samples more would decide, if the difference stayed as it is; nothing when it is
  /// the margin itself.
  std::optional<std::int64_t> more_samples{};
};

/// Kept when the whole interval of paired_drop() lies below the margin, broken when it lies above. Precondition: 0 <=
/// margin <= 1.
[[nodiscard]] NonInferiority non_inferiority(const PairedCounts& counts, double margin, double confidence = 0.95);

}  // namespace faultline
