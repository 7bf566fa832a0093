#include "faultline/report/axis.h"

#include <array>
#include <charconv>
#include <cmath>

#include "faultline/core/error.h"
#include "faultline/core/number.h"

namespace faultline {

namespace {

constexpr double kRounding = 1e-9;  // relative: far above the error of a few double operations, far below a pixel

std::string fixed(double value, int decimals) {
  std::array<char, 40> buffer{};
  const auto [end, status] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals);
  FAULTLINE_ASSERT(status == std::errc{}, "only short numbers are written in fixed format");
  return {buffer.data(), end};
}

// The number with as few digits as its size needs: 0.15000000000000002 becomes 1.5e-01.
std::string scientific(double value) {
  std::array<char, 40> buffer{};
  const auto [end, status] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific, 6);
  FAULTLINE_ASSERT(status == std::errc{}, "forty characters hold any double");
  double rounded = 0;
  std::from_chars(buffer.data(), end, rounded);
  return shortest(rounded);
}

}  // namespace

double nice_step(double least) {
  FAULTLINE_ASSERT(std::isfinite(least) && least > 0, "a step is finite and above 0");
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - kRounding)) {
      return factor * power;
    }
  }
  return 10 * power;
}

std::vector<Tick> ticks_to(double maximum, int most) {
  FAULTLINE_ASSERT(most > 0, "an axis has a tick");
  const double step = nice_step(maximum / most);
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + kRounding)));
  const bool plain = decimals <= 5 && maximum < 1e6;
  std::vector<Tick> ticks;
  for (int i = 0; i * step <= maximum * (1 + kRounding); ++i) {
    const double value = i * step;
    ticks.push_back({.value = value, .label = i == 0 ? "0" : plain ? fixed(value, decimals) : scientific(value)});
  }
  return ticks;
}

double rounded_up(double value, int most) {
  const double step = nice_step(value / most);
  return step * std::ceil(value / step * (1 - kRounding));
}

std::string percent(double share) {
  std::string digits = fixed(100 * share, 1);
  if (digits.ends_with(".0")) {
    digits.resize(digits.size() - 2);
  }
  return digits + " %";
}

}  // namespace faultline
