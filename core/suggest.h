// The nearest known name for a mistyped one.
//
//   throw Error{ErrorCode::kUsage, "unknown attack 'pdg'" + did_you_mean("pdg", names)};
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// "; did you mean 'pgd'?" when one name is near enough and nearer than the others, else "; known: a, b, c";
/// nothing when none or more than twenty are known.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

}  // namespace faultline
