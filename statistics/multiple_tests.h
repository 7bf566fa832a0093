// Many tests at once: p-values adjusted so that comparing each with alpha keeps the promise for all of them together.
// Plain numbers only: must not depend on tensors, models or attacks.
//
//   std::vector<double> adjusted = holm({0.01, 0.04, 0.03});  // 0.03, 0.06, 0.06
#pragma once

#include <span>
#include <vector>

namespace faultline {

/// Adjusted p-values that hold the chance of any false alarm below alpha: for gates. In the order of `p`, each in [0,
/// 1]. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6, 1979.
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

/// Adjusted p-values that hold the share of false alarms among the alarms below alpha, for independent or positively
/// dependent tests: for tables that one looks through. In the order of `p`, each in [0, 1].
/// Benjamini and Hochberg, "Controlling the false discovery rate: a practical and powerful approach to multiple
/// testing", J. R. Statist. Soc. B 57, 1995.
[[nodiscard]] std::vector<double> benjamini_hochberg(std::span<const double> p);

}  // namespace faultline
