// How far a model's confidence is from its accuracy.
// Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, arXiv:1706.04599.
//
//   Calibration calibration;
//   calibration.add(/*confidence=*/0.9, /*right=*/true);
//   double error = calibration.error();
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "faultline/statistics/proportion.h"

namespace faultline {

struct Prediction {
  double confidence = 0;  ///< In [0, 1]: the softmax probability of the predicted class.
  bool right = false;
};

/// Counts predictions in 15 bins of equal width. In whatever order and parts they are added, the result is the same to
/// the last bit.
class Calibration {
 public:
  /// Confidence in [0, 1]: the softmax probability of the predicted class.
  void add(double confidence, bool right);
  void add(const Calibration& other);

  /// The expected calibration error: the mean over all predictions of |accuracy - mean confidence| of their bin; 0
  /// without predictions.
  [[nodiscard]] double error() const;

 private:
  static constexpr std::size_t kBins = 15;
  struct Bin {
    std::int64_t count = 0;
    std::int64_t right = 0;
    std::int64_t confidence = 0;  // summed, in units of 2^-32
  };
  std::array<Bin, kBins> bins_{};
};

/// The expected calibration error with a 95 % interval. Of few predictions the error is biased upwards, even of a
/// calibrated model: the lower end is 0 unless the error is above what 97.5 % of calibrated models would show (drawn
/// anew with the same confidences), and else lowered by what they show on average; widths are of 2000 resamples of the
/// predictions.
[[nodiscard]] Interval calibration_error(std::span<const Prediction> predictions);

}  // namespace faultline
