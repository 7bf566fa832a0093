// Norms a perturbation is measured in.
//
//   Norm norm = parse_norm("linf");
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace faultline {

enum class Norm { kL0, kL1, kL2, kLinf };

/// All norms, in the order of the enumeration.
[[nodiscard]] const std::vector<Norm>& all_norms();

/// "l0", "l1", "l2" or "linf".
[[nodiscard]] std::string_view name_of(Norm norm);

/// The norm of that name (any case). Throws Error (kUsage) naming the nearest one.
[[nodiscard]] Norm parse_norm(std::string_view name);

}  // namespace faultline
