#include "faultline/core/margin.h"

#include <cmath>

#include "faultline/core/host_rows.h"

namespace faultline {

namespace {

/// An empty [N] of the logits' type, on the host.
Tensor per_row(const Tensor& logits) { return at::empty({logits.size(0)}, logits.options().device(at::kCPU)); }

}  // namespace

Tensor margin(const Tensor& logits, const Tensor& labels) {
  Tensor margins = per_row(logits);
  for_each_row(logits, labels, [&]<typename T>(std::int64_t row, std::span<const T> z, std::int64_t label) {
    const auto other = static_cast<std::size_t>(strongest_other(z, label));
    margins.mutable_data_ptr<T>()[row] = z[static_cast<std::size_t>(label)] - z[other];
  });
  return margins.to(logits.device());
}

Tensor tau(const Tensor& logits) {
  constexpr double kRelative = 1.0 / 65536;
  Tensor tolerances = per_row(logits);
  const Tensor no_class = at::zeros({logits.size(0)}, at::kLong);
  for_each_row(logits, no_class, [&]<typename T>(std::int64_t row, std::span<const T> z, std::int64_t /*class*/) {
    T largest = 1;
    for (const T logit : z) {
      largest = std::abs(logit) <= largest || std::isnan(largest) ? largest : std::abs(logit);
    }
    tolerances.mutable_data_ptr<T>()[row] = largest * static_cast<T>(kRelative);
  });
  return tolerances.to(logits.device());
}

Tensor goal_margin(const Tensor& logits, const Tensor& labels, const ThreatModel& threat) {
  return threat.targeted() ? margin(logits, threat.targets).neg() : margin(logits, labels);
}

}  // namespace faultline
