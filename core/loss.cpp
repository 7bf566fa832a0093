#include "faultline/core/loss.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "faultline/core/error.h"
#include "faultline/core/host_rows.h"

namespace faultline {

namespace {

/// One row's value, and its gradient written to `gradient` (K numbers that are 0 before). In double: logits are few,
/// and a saturated softmax keeps its small gradients.
using Gradient = std::span<double>;

std::size_t at_index(std::int64_t place) { return static_cast<std::size_t>(place); }

/// -log softmax of the class.
template <typename T>
double cross_entropy(std::span<const T> z, std::int64_t own, Gradient gradient) {
  const double largest = static_cast<double>(*std::ranges::max_element(z));
  double sum = 0;
  double others = 0;
  for (std::size_t j = 0; j < z.size(); ++j) {
    gradient[j] = std::exp(static_cast<double>(z[j]) - largest);
    sum += gradient[j];
    others += j == at_index(own) ? 0 : gradient[j];
  }
  for (double& entry : gradient) {
    entry /= sum;
  }
  gradient[at_index(own)] = -others / sum;  // the same as p - 1, without losing a small rest
  return std::log(sum) + largest - static_cast<double>(z[at_index(own)]);
}

/// Best other logit minus the class's own.
template <typename T>
double other_minus_own(std::span<const T> z, std::int64_t own, Gradient gradient) {
  const std::int64_t other = strongest_other(z, own);
  gradient[at_index(other)] = 1;
  gradient[at_index(own)] = -1;
  return static_cast<double>(z[at_index(other)]) - static_cast<double>(z[at_index(own)]);
}

/// Best other probability minus the class's own, of logits that are spread over kWidest at most.
template <typename T>
double other_minus_own_probability(std::span<const T> z, std::int64_t own, Gradient gradient) {
  constexpr double kWidest = 64;  // beyond, probabilities are 0 and 1 and have no gradient
  const std::size_t other = at_index(strongest_other(z, own));
  const auto [least, most] = std::ranges::minmax(z);
  const double largest = static_cast<double>(most);
  const double scale = std::max(1.0, (largest - static_cast<double>(least)) / kWidest);
  double sum = 0;
  for (std::size_t j = 0; j < z.size(); ++j) {
    gradient[j] = std::exp((static_cast<double>(z[j]) - largest) / scale);
    sum += gradient[j];
  }
  const double of_other = gradient[other] / sum;
  const double of_own = gradient[at_index(own)] / sum;
  const double value = of_other - of_own;
  for (double& entry : gradient) {
    entry *= -value / sum;
  }
  gradient[other] += of_other;
  gradient[at_index(own)] -= of_own;
  for (double& entry : gradient) {
    entry /= scale;
  }
  return value;
}

/// The classes of the four largest logits, largest first, the lower class first among equals; K < 4: as many as there
/// are.
template <typename T>
std::array<std::size_t, 4> leaders(std::span<const T> z) {
  std::vector<std::size_t> order(z.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto count = static_cast<std::ptrdiff_t>(std::min<std::size_t>(4, z.size()));
  std::partial_sort(order.begin(), order.begin() + count, order.end(),
                    [&](std::size_t a, std::size_t b) { return z[a] > z[b] || (z[a] == z[b] && a < b); });
  std::array<std::size_t, 4> first{};
  std::copy_n(order.begin(), count, first.begin());
  return first;
}

/// numerator / (z[pi_1] - mean of z over `below`), where `gradient` holds that of the numerator.
template <typename T>
double divided(double numerator, std::span<const T> z, std::size_t top, std::span<const std::size_t> below,
               Gradient gradient) {
  constexpr double kAvoidsZero = 1e-12;
  const double share = 1.0 / static_cast<double>(below.size());
  double divisor = static_cast<double>(z[top]) + kAvoidsZero;
  for (const std::size_t place : below) {
    divisor -= share * static_cast<double>(z[place]);
  }
  const double value = numerator / divisor;
  gradient[top] -= value;
  for (const std::size_t place : below) {
    gradient[place] += share * value;
  }
  for (double& entry : gradient) {
    entry /= divisor;
  }
  return value;
}

template <typename T>
double dlr(std::span<const T> z, std::int64_t own, Gradient gradient) {
  const std::array<std::size_t, 4> first = leaders(z);
  return divided(other_minus_own(z, own, gradient), z, first[0], std::span(first).subspan(2, 1), gradient);
}

template <typename T>
double targeted_dlr(std::span<const T> z, std::int64_t own, std::int64_t target, Gradient gradient) {
  const std::array<std::size_t, 4> first = leaders(z);
  gradient[at_index(target)] += 1;
  gradient[at_index(own)] -= 1;
  const double numerator = static_cast<double>(z[at_index(target)]) - static_cast<double>(z[at_index(own)]);
  return divided(numerator, z, first[0], std::span(first).subspan(2, 2), gradient);
}

/// Fills value and cotangent with sign * what `row_loss(row, z, class, gradient)` says.
template <typename RowLoss>
LossGradient over_rows(const Tensor& logits, const Tensor& classes, double sign, RowLoss&& row_loss) {
  const at::TensorOptions host = logits.options().device(at::kCPU);
  LossGradient loss{at::empty({logits.size(0)}, host), at::empty(logits.sizes(), host)};
  std::vector<double> gradient(at_index(logits.size(1)));
  for_each_row(logits, classes, [&]<typename T>(std::int64_t row, std::span<const T> z, std::int64_t own) {
    std::ranges::fill(gradient, 0.0);
    loss.value.mutable_data_ptr<T>()[row] = static_cast<T>(sign * row_loss(row, z, own, Gradient(gradient)));
    T* out = loss.cotangent.mutable_data_ptr<T>() + row * logits.size(1);
    std::ranges::transform(gradient, out, [sign](double entry) { return static_cast<T>(sign * entry); });
  });
  return {loss.value.to(logits.device()), loss.cotangent.to(logits.device())};
}

}  // namespace

LossGradient differentiate(Loss loss, const Tensor& logits, const Tensor& labels, const ThreatModel& threat) {
  const std::int64_t classes = logits.size(1);
  if (loss == Loss::kDlr && classes < (threat.targeted() ? 4 : 3)) {
    loss = Loss::kMargin;
  }
  // Towards a target the attacker lowers the loss of the target's class.
  const Tensor& aim = threat.targeted() ? threat.targets : labels;
  const double sign = threat.targeted() ? -1 : 1;
  switch (loss) {
    case Loss::kCrossEntropy:
      return over_rows(logits, aim, sign,
                       [](std::int64_t, auto z, std::int64_t own, Gradient g) { return cross_entropy(z, own, g); });
    case Loss::kMargin:
      return over_rows(logits, aim, sign,
                       [](std::int64_t, auto z, std::int64_t own, Gradient g) { return other_minus_own(z, own, g); });
    case Loss::kProbabilityMargin:
      return over_rows(logits, aim, sign, [](std::int64_t, auto z, std::int64_t own, Gradient g) {
        return other_minus_own_probability(z, own, g);
      });
    case Loss::kDlr:
      break;
  }
  if (!threat.targeted()) {
    return over_rows(logits, labels, 1,
                     [](std::int64_t, auto z, std::int64_t own, Gradient g) { return dlr(z, own, g); });
  }
  const Tensor targets = threat.targets.cpu().contiguous();
  const std::int64_t* target_of = targets.const_data_ptr<std::int64_t>();
  return over_rows(logits, labels, 1, [target_of](std::int64_t row, auto z, std::int64_t own, Gradient g) {
    return targeted_dlr(z, own, target_of[row], g);
  });
}

}  // namespace faultline
