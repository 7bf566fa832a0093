#include "faultline/core/options.h"

#include <algorithm>
#include <cmath>

#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/core/suggest.h"

namespace faultline::options_detail {

Range range_of(const AtLeast& range) { return {.lower = range.lower, .names = {}}; }

Range range_of(const Between& range) { return {.lower = range.lower, .upper = range.upper, .names = {}}; }

Range range_of(const Positive&) { return {.lower = 0, .lower_open = true, .names = {}}; }

Range range_of(const OneOf& range) { return {.names = range.names}; }

std::string text_of(const Range& range) {
  std::string text;
  for (const std::string& name : range.names) {
    text += (text.empty() ? "" : "|") + name;
  }
  if (!range.names.empty()) {
    return text;
  }
  if (std::isfinite(range.upper)) {
    return shortest(range.lower) + ".." + shortest(range.upper);
  }
  return (range.lower_open ? "> " : ">= ") + shortest(range.lower);
}

std::string value_text(double value, const Range& range) {
  return range.names.empty() ? shortest(value) : range.names.at(static_cast<std::size_t>(value));
}

double read(const std::string& text, const Range& range, bool integer, const std::string& where) {
  if (!range.names.empty()) {
    const auto place = std::ranges::find(range.names, text);
    if (place == range.names.end()) {
      throw Error{ErrorCode::kUsage, where + ": unknown value '" + text + "'" + did_you_mean(text, range.names)};
    }
    return static_cast<double>(place - range.names.begin());
  }
  constexpr long long kLargestInteger = 1'000'000'000;
  const double value = integer ? static_cast<double>(std::min(parse_integer(text, where), kLargestInteger + 1))
                               : parse_number(text, where);
  const bool low = range.lower_open ? value <= range.lower : value < range.lower;
  if (low || value > range.upper || (integer && value > kLargestInteger)) {
    throw Error{ErrorCode::kUsage, where + ": expected " + text_of(range) + ", got '" + text + "'"};
  }
  return value;
}

void refuse_unknown(const std::string& where, const std::string& name, const std::vector<std::string>& known) {
  if (std::ranges::find(known, name) != known.end()) {
    throw Error{ErrorCode::kUsage, where + ": option '" + name + "' is given twice"};
  }
  throw Error{ErrorCode::kUsage, where + ": unknown option '" + name + "'" + did_you_mean(name, known)};
}

}  // namespace faultline::options_detail
