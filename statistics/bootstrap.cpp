#include "faultline/statistics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "faultline/core/error.h"

namespace faultline {

double percentile(std::span<const double> sorted, double share) {
  FAULTLINE_ASSERT(!sorted.empty(), "percentiles are of some values");
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

Interval bootstrap(std::size_t clusters, const std::function<double(std::span<const std::size_t> drawn)>& figure,
                   const BootstrapOptions& options) {
  FAULTLINE_ASSERT(options.resamples >= 1 && options.confidence > 0 && options.confidence < 1,
                   "resamples must be >= 1, the confidence inside (0, 1)");
  std::vector<std::size_t> drawn(clusters);
  std::iota(drawn.begin(), drawn.end(), std::size_t{0});
  const double value = figure(drawn);
  if (clusters == 0) {
    return {.value = value, .low = value, .high = value};
  }
  std::mt19937_64 random(options.seed);
  std::vector<double> values(static_cast<std::size_t>(options.resamples));
  for (double& one : values) {
    // The remainder's bias is below 2^-32 for fewer than 2^32 clusters, and no library's choice.
    std::ranges::generate(drawn, [&] { return static_cast<std::size_t>(random() % clusters); });
    one = figure(drawn);
  }
  std::ranges::sort(values);
  const double tail = (1 - options.confidence) / 2;
  return {.value = value, .low = percentile(values, tail), .high = percentile(values, 1 - tail)};
}

Interval mean_of_clusters(std::span<const double> shares) {
  const auto mean_of = [](std::span<const double> values) {
    return bootstrap(values.size(), [&](std::span<const std::size_t> drawn) {
      const auto add = [&](double sum, std::size_t number) { return sum + values[number]; };
      return drawn.empty() ? 0
                           : std::accumulate(drawn.begin(), drawn.end(), 0.0, add) / static_cast<double>(drawn.size());
    });
  };
  Interval interval = mean_of(shares);
  std::vector<double> more(shares.begin(), shares.end());
  more.insert(more.end(), {0, 0, 1, 1});
  const Interval careful = mean_of(more);
  interval.low = std::min(interval.low, careful.low);
  interval.high = std::max(interval.high, careful.high);
  return interval;
}

}  // namespace faultline
