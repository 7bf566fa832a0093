// Shares and the intervals around them.
// Plain numbers only: must not depend on tensors, models or attacks.
//
//   Interval accuracy = wilson(/*successes=*/9589, /*trials=*/10000);
#pragma once

#include <cstdint>

namespace faultline {

/// A number with the interval that covers the true one in a stated share of all repetitions, 95 % unless said
/// otherwise.
struct Interval {
  double value = 0;
  double low = 0;
  double high = 1;
  bool operator==(const Interval&) const = default;
};

/// The 95 % score interval of a share, without continuity correction. No trials: {0, 0, 1}. The lower end is exactly 0
/// without successes, the upper end exactly 1 without failures. Precondition: 0 <= successes <= trials.
/// Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
[[nodiscard]] Interval wilson(std::int64_t successes, std::int64_t trials);

/// The exact interval of a share, which covers at least so much whatever the true share is: quantiles of beta
/// distributions. No trials: {0, 0, 1}. Preconditions: 0 <= successes <= trials, 0 < confidence < 1.
/// Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika
/// 26, 1934.
[[nodiscard]] Interval clopper_pearson(std::int64_t successes, std::int64_t trials, double confidence = 0.95);

}  // namespace faultline
