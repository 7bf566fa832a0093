#include "faultline/statistics/proportion.h"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <cmath>

#include "faultline/core/error.h"

namespace faultline {

namespace {

constexpr double kNormalQuantile = 1.959963984540054;  // of 0.975

}  // namespace

Interval wilson(std::int64_t successes, std::int64_t trials) {
  FAULTLINE_ASSERT(successes >= 0 && successes <= trials, "successes must be between 0 and trials");
  if (trials == 0) {
    return {.value = 0, .low = 0, .high = 1};
  }
  const double n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  const double z2 = kNormalQuantile * kNormalQuantile;
  const double centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kNormalQuantile * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  // The ends are exact where rounding would leave 1e-17 instead of 0.
  const double low = successes == 0 ? 0 : std::clamp(centre - half, 0.0, share);
  const double high = successes == trials ? 1 : std::clamp(centre + half, share, 1.0);
  return {.value = share, .low = low, .high = high};
}

Interval clopper_pearson(std::int64_t successes, std::int64_t trials, double confidence) {
  FAULTLINE_ASSERT(successes >= 0 && successes <= trials, "successes must be between 0 and trials");
  FAULTLINE_ASSERT(confidence > 0 && confidence < 1, "the confidence must be inside (0, 1)");
  if (trials == 0) {
    return {.value = 0, .low = 0, .high = 1};
  }
  const double k = static_cast<double>(successes);
  const double n = static_cast<double>(trials);
  const double tail = (1 - confidence) / 2;
  using Beta = boost::math::beta_distribution<double>;
  const double low = successes == 0 ? 0 : quantile(Beta(k, n - k + 1), tail);
  const double high = successes == trials ? 1 : quantile(complement(Beta(k + 1, n - k), tail));
  return {.value = k / n, .low = low, .high = high};
}

}  // namespace faultline
