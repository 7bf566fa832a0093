// Lists in one word of the user: "a,b,c", "rotate+fog".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// The parts between the dividers: one more than there are dividers, empty ones included.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char divider);

}  // namespace faultline
