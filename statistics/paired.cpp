#include "faultline/statistics/paired.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

#include "faultline/core/error.h"

namespace faultline {

namespace {

using Binomial = boost::math::binomial_distribution<double>;

void check(const PairedCounts& counts) {
  FAULTLINE_ASSERT(counts.broken >= 0 && counts.mended >= 0 && counts.broken + counts.mended <= counts.samples,
                   "broken and mended must be among the samples");
}

double two_sided_quantile(double confidence) {
  FAULTLINE_ASSERT(confidence > 0 && confidence < 1, "the confidence must be inside (0, 1)");
  return quantile(boost::math::normal(), (1 + confidence) / 2);
}

/// The samples that it takes for the interval's end to come to the margin, if shares stay as they are.
std::optional<std::int64_t> samples_to_decide(const PairedCounts& counts, double margin, double z) {
  const double n = static_cast<double>(counts.samples);
  const double drop = static_cast<double>(counts.broken - counts.mended) / n;
  const double differing = static_cast<double>(counts.broken + counts.mended) / n;
  const double gap = std::abs(margin - drop);
  const double wanted = std::ceil(z * z * (differing - drop * drop) / (gap * gap));
  constexpr double kMost = 1e15;  // beyond it, the number says "never"
  return wanted < kMost ? std::optional(static_cast<std::int64_t>(wanted)) : std::nullopt;
}

}  // namespace

double mcnemar(const PairedCounts& counts) {
  check(counts);
  const std::int64_t differing = counts.broken + counts.mended;
  if (differing == 0) {
    return 1;
  }
  const double fewer = static_cast<double>(std::min(counts.broken, counts.mended));
  return std::min(1.0, 2 * cdf(Binomial(static_cast<double>(differing), 0.5), fewer));
}

double mcnemar_worse(const PairedCounts& counts) {
  check(counts);
  if (counts.broken == 0) {
    return 1;
  }
  const Binomial fair(static_cast<double>(counts.broken + counts.mended), 0.5);
  return cdf(complement(fair, static_cast<double>(counts.broken - 1)));
}

Interval paired_drop(const PairedCounts& counts, double confidence) {
  check(counts);
  const double z = two_sided_quantile(confidence);
  if (counts.samples == 0) {
    return {.value = 0, .low = -1, .high = 1};
  }
  const double n = static_cast<double>(counts.samples) + 2;
  const double broken = static_cast<double>(counts.broken + 1) / n;
  const double mended = static_cast<double>(counts.mended + 1) / n;
  const double centre = broken - mended;
  const double half = z * std::sqrt((broken + mended - centre * centre) / n);
  return {.value = static_cast<double>(counts.broken - counts.mended) / static_cast<double>(counts.samples),
          .low = std::max(-1.0, centre - half),
          .high = std::min(1.0, centre + half)};
}

NonInferiority non_inferiority(const PairedCounts& counts, double margin, double confidence) {
  FAULTLINE_ASSERT(margin >= 0 && margin <= 1, "the margin must be a share");
  const Interval drop = paired_drop(counts, confidence);
  if (drop.high < margin) {
    return {.certainty = Certainty::kKept, .drop = drop};
  }
  if (drop.low > margin) {
    return {.certainty = Certainty::kBroken, .drop = drop};
  }
  NonInferiority open{.drop = drop};
  if (counts.samples > 0) {
    const auto wanted = samples_to_decide(counts, margin, two_sided_quantile(confidence));
    if (wanted) {
      open.more_samples = std::max<std::int64_t>(1, *wanted - counts.samples);
    }
  }
  return open;
}

}  // namespace faultline
