// An interval for any figure of clusters: repeat the figure on clusters drawn again with replacement.
// Plain numbers only: must not depend on tensors, models or attacks.
//
//   // Several variants of one seed are one cluster: they are not independent.
//   Interval flips = bootstrap(seeds.size(), [&](std::span<const std::size_t> drawn) { return mean(seeds, drawn); });
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "faultline/statistics/proportion.h"

namespace faultline {

struct BootstrapOptions {
  int resamples = 2000;      ///< At least 1.
  double confidence = 0.95;  ///< Inside (0, 1).
  std::uint64_t seed = 0;    ///< The same seed gives the same interval, on every machine.
};

/// The figure of all clusters, each once, between the percentiles of the figure of as many clusters drawn with
/// replacement. `figure` gets the numbers of the drawn clusters, as many as there are. No clusters: its value of none,
/// three times. Efron, "Bootstrap methods: another look at the jackknife", Ann. Statist. 7, 1979; percentile interval.
[[nodiscard]] Interval bootstrap(std::size_t clusters,
                                 const std::function<double(std::span<const std::size_t> drawn)>& figure,
                                 const BootstrapOptions& options = {});

/// The mean of shares in [0, 1], one per cluster. Percentiles alone are too narrow where shares are near 0 or 1 or
/// clusters few: the interval covers that of the same clusters with two of 0 and two of 1 added too, as Agresti and
/// Coull, Am. Stat. 52, 1998, do for single trials. In simulations it covers the mean in 96 % or more.
[[nodiscard]] Interval mean_of_clusters(std::span<const double> shares);

/// The value below which so large a share of the sorted values lies, between neighbours on the line (type 7).
/// Precondition: there are some.
[[nodiscard]] double percentile(std::span<const double> sorted, double share);

}  // namespace faultline
