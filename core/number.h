// Numbers as users write them: "0.1", "1e-3", "8/255".
#pragma once

#include <string>
#include <string_view>

namespace faultline {

/// The finite number that `text` spells, a decimal or a quotient of two. Throws Error (kUsage) that begins with `name`.
[[nodiscard]] double parse_number(std::string_view text, std::string_view name);

/// The integer that `text` spells. Throws Error (kUsage) that begins with `name`.
[[nodiscard]] long long parse_integer(std::string_view text, std::string_view name);

/// The shortest text that reads back as the same double.
[[nodiscard]] std::string shortest(double value);

}  // namespace faultline
