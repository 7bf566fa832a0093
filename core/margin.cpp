#include "faultline/core/margin.h"

#include <limits>

namespace faultline {

Tensor margin(const Tensor& logits, const Tensor& labels) {
  const Tensor column = labels.unsqueeze(1);
  const Tensor own = logits.gather(1, column).squeeze(1);
  const Tensor others = logits.scatter(1, column, -std::numeric_limits<double>::infinity());
  return own - others.amax(1);
}

Tensor tau(const Tensor& logits) {
  constexpr double kRelative = 1.0 / 65536;
  return logits.abs().amax(1).clamp_min(1).mul(kRelative);
}

Tensor goal_margin(const Tensor& logits, const Tensor& labels, const ThreatModel& threat) {
  return threat.targeted() ? margin(logits, threat.targets).neg() : margin(logits, labels);
}

}  // namespace faultline
