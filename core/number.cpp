#include "faultline/core/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "faultline/core/error.h"

namespace faultline {

namespace {

template <typename T>
std::optional<T> read_all(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') {
    text.remove_prefix(1);
  }
  T value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

[[noreturn]] void refuse(std::string_view name, std::string_view expected, std::string_view text) {
  throw Error{ErrorCode::kUsage,
              std::string(name) + ": expected " + std::string(expected) + ", got '" + std::string(text) + "'"};
}

}  // namespace

double parse_number(std::string_view text, std::string_view name) {
  const std::size_t slash = text.find('/');
  std::optional<double> value = read_all<double>(text.substr(0, slash));
  if (value && slash != std::string_view::npos) {
    const std::optional<double> divisor = read_all<double>(text.substr(slash + 1));
    value = divisor && std::isfinite(*divisor) ? std::optional(*value / *divisor) : std::nullopt;
  }
  if (!value || !std::isfinite(*value)) {
    refuse(name, "a finite number such as 0.1 or 8/255", text);
  }
  return *value;
}

long long parse_integer(std::string_view text, std::string_view name) {
  const std::optional<long long> value = read_all<long long>(text);
  if (!value) {
    refuse(name, "an integer", text);
  }
  return *value;
}

std::string shortest(double value) {
  std::array<char, 32> text{};
  const auto [end, status] = std::to_chars(text.data(), text.data() + text.size(), value);
  FAULTLINE_ASSERT(status == std::errc{}, "32 characters hold any double");
  return {text.data(), end};
}

}  // namespace faultline
