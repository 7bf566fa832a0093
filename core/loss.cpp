#include "faultline/core/loss.h"

#include <limits>

#include "faultline/core/error.h"

namespace faultline {

namespace {

/// Rows of the identity: [N] classes -> [N, K].
Tensor one_hot(const Tensor& classes, const Tensor& like) {
  return at::zeros_like(like).scatter_(1, classes.unsqueeze(1), 1.0);
}

Tensor strongest_other(const Tensor& logits, const Tensor& classes) {
  return logits.scatter(1, classes.unsqueeze(1), -std::numeric_limits<double>::infinity()).argmax(1);
}

Tensor value_at(const Tensor& logits, const Tensor& classes) {
  return logits.gather(1, classes.unsqueeze(1)).squeeze(1);
}

/// -log softmax of the class; its negative gradient is one_hot - softmax.
LossGradient cross_entropy(const Tensor& logits, const Tensor& classes) {
  const Tensor log_probabilities = logits.log_softmax(1);
  Tensor cotangent = log_probabilities.exp();
  cotangent.scatter_add_(1, classes.unsqueeze(1), at::full({logits.size(0), 1}, -1.0, logits.options()));
  return {value_at(log_probabilities, classes).neg(), cotangent};
}

/// Best other logit minus the class's own.
LossGradient other_minus_own(const Tensor& logits, const Tensor& classes) {
  const Tensor other = strongest_other(logits, classes);
  Tensor cotangent = at::zeros_like(logits);
  cotangent.scatter_(1, classes.unsqueeze(1), -1.0).scatter_(1, other.unsqueeze(1), 1.0);
  return {value_at(logits, other) - value_at(logits, classes), cotangent};
}

/// numerator / denominator, each linear in the logits, with d(denominator)/dz given.
LossGradient ratio(const LossGradient& numerator, const Tensor& denominator, const Tensor& denominator_gradient) {
  constexpr double kAvoidsZero = 1e-12;
  const Tensor divisor = denominator + kAvoidsZero;
  const Tensor value = numerator.value / divisor;
  return {value, (numerator.cotangent - value.unsqueeze(1) * denominator_gradient) / divisor.unsqueeze(1)};
}

LossGradient dlr(const Tensor& logits, const Tensor& labels) {
  const auto [sorted, order] = logits.sort(/*dim=*/1, /*descending=*/true);
  const Tensor denominator = sorted.select(1, 0) - sorted.select(1, 2);
  const Tensor gradient = one_hot(order.select(1, 0), logits) - one_hot(order.select(1, 2), logits);
  return ratio(other_minus_own(logits, labels), denominator, gradient);
}

LossGradient targeted_dlr(const Tensor& logits, const Tensor& labels, const Tensor& targets) {
  const auto [sorted, order] = logits.sort(/*dim=*/1, /*descending=*/true);
  const Tensor denominator = sorted.select(1, 0) - 0.5 * (sorted.select(1, 2) + sorted.select(1, 3));
  const Tensor gradient = one_hot(order.select(1, 0), logits) -
                          0.5 * (one_hot(order.select(1, 2), logits) + one_hot(order.select(1, 3), logits));
  const LossGradient numerator{value_at(logits, targets) - value_at(logits, labels),
                               one_hot(targets, logits) - one_hot(labels, logits)};
  return ratio(numerator, denominator, gradient);
}

LossGradient negated(const LossGradient& loss) { return {loss.value.neg(), loss.cotangent.neg()}; }

}  // namespace

LossGradient differentiate(Loss loss, const Tensor& logits, const Tensor& labels, const ThreatModel& threat) {
  const std::int64_t classes = logits.size(1);
  if (loss == Loss::kDlr && classes < (threat.targeted() ? 4 : 3)) {
    loss = Loss::kMargin;
  }
  switch (loss) {
    case Loss::kCrossEntropy:
      return threat.targeted() ? negated(cross_entropy(logits, threat.targets)) : cross_entropy(logits, labels);
    case Loss::kMargin:
      return threat.targeted() ? negated(other_minus_own(logits, threat.targets)) : other_minus_own(logits, labels);
    case Loss::kDlr:
      return threat.targeted() ? targeted_dlr(logits, labels, threat.targets) : dlr(logits, labels);
  }
  FAULTLINE_ASSERT(false, "unknown loss");
}

}  // namespace faultline
