#include "faultline/statistics/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "faultline/statistics/bootstrap.h"

namespace faultline {

namespace {

constexpr double kUnits = 0x1p32;  // whole numbers add up exactly; two thousand million predictions fit

}  // namespace

void Calibration::add(double confidence, bool right) {
  const auto place = static_cast<std::size_t>(std::clamp(confidence, 0.0, 1.0) * kBins);
  Bin& bin = bins_.at(std::min(place, kBins - 1));
  ++bin.count;
  bin.right += right ? 1 : 0;
  bin.confidence += std::llround(std::clamp(confidence, 0.0, 1.0) * kUnits);
}

void Calibration::add(const Calibration& other) {
  for (std::size_t i = 0; i < kBins; ++i) {
    bins_.at(i).count += other.bins_.at(i).count;
    bins_.at(i).right += other.bins_.at(i).right;
    bins_.at(i).confidence += other.bins_.at(i).confidence;
  }
}

double Calibration::error() const {
  double gaps = 0;
  std::int64_t all = 0;
  for (const Bin& bin : bins_) {
    gaps += std::abs(static_cast<double>(bin.right) - static_cast<double>(bin.confidence) / kUnits);
    all += bin.count;
  }
  return all == 0 ? 0 : gaps / static_cast<double>(all);
}

namespace {

/// Errors that the same confidences would show if the model were calibrated, sorted.
std::vector<double> errors_if_calibrated(std::span<const Prediction> predictions) {
  constexpr std::size_t kDraws = 2000;
  std::mt19937_64 random(0);
  std::vector<double> errors(kDraws);
  for (double& error : errors) {
    Calibration calibration;
    for (const Prediction& prediction : predictions) {
      const double drawn = static_cast<double>(random() >> 11U) * 0x1p-53;
      calibration.add(prediction.confidence, drawn < prediction.confidence);
    }
    error = calibration.error();
  }
  std::ranges::sort(errors);
  return errors;
}

}  // namespace

Interval calibration_error(std::span<const Prediction> predictions) {
  const Interval drawn = bootstrap(predictions.size(), [&](std::span<const std::size_t> numbers) {
    Calibration calibration;
    for (const std::size_t number : numbers) {
      calibration.add(predictions[number].confidence, predictions[number].right);
    }
    return calibration.error();
  });
  const std::vector<double> calibrated = errors_if_calibrated(predictions);
  constexpr double kTail = 0.025;
  const double bias =
      std::accumulate(calibrated.begin(), calibrated.end(), 0.0) / static_cast<double>(calibrated.size());
  const bool shown = drawn.value > percentile(calibrated, 1 - kTail);
  return {.value = drawn.value,
          .low = shown ? std::max(0.0, drawn.value - (drawn.high - drawn.low) / 2 - bias) : 0,
          .high = std::min(1.0, std::max(drawn.value, 2 * drawn.value - drawn.low))};
}

}  // namespace faultline
