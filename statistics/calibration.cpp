#include "faultline/statistics/calibration.h"

#include <algorithm>
#include <cmath>

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

Interval calibration_error(std::span<const Prediction> predictions) {
  return bootstrap(predictions.size(), [&](std::span<const std::size_t> drawn) {
    Calibration calibration;
    for (const std::size_t number : drawn) {
      calibration.add(predictions[number].confidence, predictions[number].right);
    }
    return calibration.error();
  });
}

}  // namespace faultline
