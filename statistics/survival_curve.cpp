#include "faultline/statistics/survival_curve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "faultline/core/error.h"

namespace faultline {

namespace {

std::optional<double> median_of(std::span<const double> sorted) {
  if (sorted.empty()) {
    return std::nullopt;
  }
  const std::size_t upper = sorted.size() / 2;
  const std::size_t lower = (sorted.size() - 1) / 2;
  const double median = std::midpoint(sorted[lower], sorted[upper]);
  return std::isfinite(sorted[upper]) ? std::optional(median) : std::nullopt;
}

}  // namespace

double dkw_half_width(std::int64_t samples, double alpha) {
  FAULTLINE_ASSERT(samples >= 0 && alpha > 0 && alpha <= 1, "samples must be >= 0 and alpha in (0, 1]");
  if (samples == 0) {
    return 1;
  }
  return std::min(1.0, std::sqrt(std::log(2 / alpha) / (2 * static_cast<double>(samples))));
}

SurvivalCurve::SurvivalCurve(std::span<const double> distances) {
  std::vector<double> sorted(distances.begin(), distances.end());
  FAULTLINE_ASSERT(std::ranges::all_of(sorted, [](double d) { return d >= 0; }), "distances must be >= 0, not NaN");
  std::ranges::sort(sorted);
  median_ = median_of(sorted);
  const auto first_found = std::ranges::upper_bound(sorted, 0.0);
  const auto first_missing = std::ranges::lower_bound(sorted, std::numeric_limits<double>::infinity());
  clean_errors_ = first_found - sorted.begin();
  found_ = first_missing - first_found;
  not_found_ = sorted.end() - first_missing;
  std::int64_t left = found_ + not_found_;
  steps_.push_back({.epsilon = 0, .survivors = left});
  for (auto it = first_found; it != first_missing; ++it) {
    found_sum_ += *it;  // in ascending order: the sum does not depend on the order of the samples
    if (*it != steps_.back().epsilon) {
      steps_.push_back({.epsilon = *it, .survivors = left});
    }
    steps_.back().survivors = --left;
  }
}

std::int64_t SurvivalCurve::survivors(double epsilon) const {
  FAULTLINE_ASSERT(epsilon >= 0, "epsilon must be >= 0");
  const auto after = std::ranges::upper_bound(steps_, epsilon, {}, &SurvivalStep::epsilon);
  return std::prev(after)->survivors;
}

double SurvivalCurve::value(double epsilon) const { return interval(epsilon).value; }

Interval SurvivalCurve::interval(double epsilon) const { return wilson(survivors(epsilon), samples()); }

double SurvivalCurve::area(double epsilon_max) const {
  FAULTLINE_ASSERT(std::isfinite(epsilon_max) && epsilon_max >= 0, "epsilon_max must be finite and >= 0");
  if (samples() == 0) {
    return 0;
  }
  double sum = 0;
  for (std::size_t i = 0; i < steps_.size() && steps_[i].epsilon < epsilon_max; ++i) {
    const double end = i + 1 < steps_.size() ? std::min(steps_[i + 1].epsilon, epsilon_max) : epsilon_max;
    sum += static_cast<double>(steps_[i].survivors) * (end - steps_[i].epsilon);
  }
  return sum / static_cast<double>(samples());
}

std::optional<double> SurvivalCurve::median() const { return median_; }

std::optional<double> SurvivalCurve::mean_found() const {
  return found_ > 0 ? std::optional(found_sum_ / static_cast<double>(found_)) : std::nullopt;
}

}  // namespace faultline
