#include "faultline/core/options.h"

#include <algorithm>
#include <cmath>

#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/core/suggest.h"

namespace faultline {

std::vector<OptionSetting> parse_settings(std::string_view text, const std::string& where) {
  std::vector<OptionSetting> settings;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      throw Error{ErrorCode::kUsage, where + ": expected key=value, got '" + std::string(item) + "'"};
    }
    settings.push_back({std::string(item.substr(0, equals)), std::string(item.substr(equals + 1))});
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return settings;
}

}  // namespace faultline

namespace faultline::options_detail {

namespace {

/// Whole numbers in full: an integer option does not take 1e+05.
std::string number_text(double value) {
  constexpr double kExact = 0x1p53;
  const bool whole = value == std::trunc(value) && std::abs(value) <= kExact;
  return whole ? std::to_string(static_cast<long long>(value)) : shortest(value);
}

}  // namespace

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
    return number_text(range.lower) + ".." + number_text(range.upper);
  }
  return (range.lower_open ? "> " : ">= ") + number_text(range.lower);
}

std::string value_text(double value, const Range& range) {
  return range.names.empty() ? number_text(value) : range.names.at(static_cast<std::size_t>(value));
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
  Range limits = range;
  if (integer) {
    limits.upper = std::min(limits.upper, static_cast<double>(kLargestInteger));
  }
  const double value = integer ? static_cast<double>(parse_integer(text, where)) : parse_number(text, where);
  const bool low = limits.lower_open ? value <= limits.lower : value < limits.lower;
  if (low || value > limits.upper) {
    throw Error{ErrorCode::kUsage, where + ": expected " + text_of(low ? range : limits) + ", got '" + text + "'"};
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
