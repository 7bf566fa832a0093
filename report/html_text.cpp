#include "faultline/report/html_text.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "faultline/core/error.h"
#include "faultline/statistics/proportion.h"

namespace faultline {

std::string visible_text(const std::string& text) {
  std::string result = on_one_line(text);
  for (const std::string mark :
       {"\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac", "\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x80\x8e", "\xe2\x80\x8f",
        "\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8", "\xe2\x81\xa9"}) {
    for (std::size_t at = result.find(mark); at != std::string::npos; at = result.find(mark, at)) {
      result.replace(at, mark.size(), "?");
    }
  }
  return result;
}

std::string printed(const char* format, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string measure_figure(const std::string& measure, double value) {
  const bool is_share = measure.find("accuracy") != std::string::npos || measure.find("share") != std::string::npos;
  if (is_share) {
    return printed("%.1f %%", 100 * value);
  }
  return value == std::floor(value) ? printed("%.0f", value) : printed("%.4g", value);
}

std::string share_text(std::int64_t part, std::int64_t whole) {
  const Interval share = wilson(part, whole);
  return printed("%.1f %%", 100 * share.value) + " (" + printed("%.1f", 100 * share.low) + " to " +
         printed("%.1f", 100 * share.high) + ")";
}

}  // namespace faultline
