// The margin of a decision and the one tolerance of the project.
//
//   Tensor failed = margin(logits, labels) < -tau(logits);
#pragma once

#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// z_y - max_{j != y} z_j per row: [N, K>=2] and [N] -> [N]. Negative: misclassified.
[[nodiscard]] Tensor margin(const Tensor& logits, const Tensor& labels);

/// The tolerance of every success test, 2^-16 * max(1, max_j |z_j|) per row: [N, K] -> [N].
/// Success is margin < -tau; |margin| <= tau is a near tie: it is neither a failure nor counted as found.
[[nodiscard]] Tensor tau(const Tensor& logits);

/// The margin an attacker wants below zero, per row: margin(logits, labels) without targets, and
/// max_{j != t} z_j - z_t with them.
[[nodiscard]] Tensor goal_margin(const Tensor& logits, const Tensor& labels, const ThreatModel& threat);

}  // namespace faultline
