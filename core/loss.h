// Losses on logits that an attack climbs, with their gradient in closed form on the [N, K] leaf: one backward
// pass of the model then serves any loss. Must not know how gradients get to the inputs.
//
//   LossGradient loss = differentiate(Loss::kMargin, logits, labels, threat);
//   Tensor gradient = linearization.pullback(loss.cotangent);
#pragma once

#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

enum class Loss {
  kCrossEntropy,  ///< -log softmax_y; targeted: log softmax_t.
  kMargin,        ///< max_{j != y} z_j - z_y; targeted: z_t - max_{j != t} z_j.
  kDlr,           ///< Difference of logits ratio, Croce & Hein 2020, arXiv:2003.01690, eq. 6 and 7.
  /// The margin of probabilities, max_{j != y} p_j - p_y; targeted: p_t - max_{j != t} p_j. arXiv:2411.15210.
  /// Differs from the paper: logits that are spread over more than 64 are scaled down to that first, or a saturated
  /// softmax would hide the gradient; the scale is taken for a constant.
  kProbabilityMargin,
};

struct LossGradient {
  Tensor value;      ///< [N]: larger is better for the attacker.
  Tensor cotangent;  ///< [N, K]: d value[n] / d logits[n], never divided by N.
};

/// The loss of each row and its gradient with respect to the logits [N, K].
/// Ties between logits go to the lowest class, as in argmax. DLR needs K >= 3 (targeted: K >= 4), because it divides
/// by a difference of ranked logits; with fewer classes the margin is used instead.
[[nodiscard]] LossGradient differentiate(Loss loss, const Tensor& logits, const Tensor& labels,
                                         const ThreatModel& threat);

}  // namespace faultline
