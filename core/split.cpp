#include "faultline/core/split.h"

#include <algorithm>

namespace faultline {

std::vector<std::string> split(std::string_view text, char divider) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(divider, begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace faultline
