// The curve of robust accuracy against epsilon, and the band around it.
// Plain numbers only: must not depend on tensors, models or attacks.
//
//   SurvivalCurve curve(distances);                       // 0: clean error, +infinity: not found
//   Interval accuracy = curve.interval(/*epsilon=*/0.1);  // share still right at 0.1, with its 95 % interval
//   double band = dkw_half_width(curve.samples());        // holds for the whole curve at once
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "faultline/statistics/proportion.h"

namespace faultline {

/// Half the height of a band that contains the whole true curve with probability 1 - alpha: sqrt(ln(2 / alpha) / (2
/// n)), at most 1; 1 without samples. Precondition: samples >= 0, 0 < alpha <= 1. Dvoretzky, Kiefer and Wolfowitz, Ann.
/// Math. Statist. 27, 1956, with the constant of Massart, Ann. Probab. 18, 1990.
[[nodiscard]] double dkw_half_width(std::int64_t samples, double alpha = 0.05);

/// From this epsilon up to the next step, this many samples are still right.
struct SurvivalStep {
  double epsilon = 0;
  std::int64_t survivors = 0;
  bool operator==(const SurvivalStep&) const = default;
};

/// Robust accuracy as a function of epsilon: the empirical survival function of the distances. A sample at distance d
/// is right below epsilon = d and fails from d on. Invariant: steps() begins at epsilon 0, its epsilons rise and its
/// survivors fall.
class SurvivalCurve {
 public:
  /// One distance per sample, >= 0, in any order: 0 for a clean error, +infinity when nothing was found.
  explicit SurvivalCurve(std::span<const double> distances);

  [[nodiscard]] std::int64_t samples() const { return not_found_ + found_ + clean_errors_; }
  /// Samples at distance 0.
  [[nodiscard]] std::int64_t clean_errors() const { return clean_errors_; }
  /// Samples at a finite distance above 0.
  [[nodiscard]] std::int64_t found() const { return found_; }
  /// Samples at distance +infinity.
  [[nodiscard]] std::int64_t not_found() const { return not_found_; }

  /// How many samples have a distance above epsilon. Precondition: epsilon >= 0.
  [[nodiscard]] std::int64_t survivors(double epsilon) const;

  /// The share of samples with a distance above epsilon; 0 without samples. Precondition: epsilon >= 0.
  [[nodiscard]] double value(double epsilon) const;

  /// value() with its 95 % Wilson interval. Precondition: epsilon >= 0.
  [[nodiscard]] Interval interval(double epsilon) const;

  /// Every place where the curve falls, behind the start at epsilon 0.
  [[nodiscard]] const std::vector<SurvivalStep>& steps() const { return steps_; }

  /// The integral of value() from 0 to epsilon_max, exact but for rounding; 0 without samples.
  /// Precondition: epsilon_max is finite and >= 0.
  [[nodiscard]] double area(double epsilon_max) const;

  /// The median distance of all samples, clean errors and those not found included; the mean of the two in the middle
  /// for an even number. Nothing without samples, or when it is infinite.
  [[nodiscard]] std::optional<double> median() const;

  /// The mean distance of the samples that found() counts; nothing when there are none.
  [[nodiscard]] std::optional<double> mean_found() const;

 private:
  std::vector<SurvivalStep> steps_;
  std::optional<double> median_;
  double found_sum_ = 0;
  std::int64_t clean_errors_ = 0;
  std::int64_t found_ = 0;
  std::int64_t not_found_ = 0;
};

}  // namespace faultline
