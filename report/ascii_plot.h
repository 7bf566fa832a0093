// Robustness curves for the terminal, in plain ASCII.
//
//   std::cerr << curve_ascii(labels, curves, /*width=*/80);
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "faultline/report/plot.h"

namespace faultline {

/// The most curves that one plot can hold.
inline constexpr std::size_t kMaximumAsciiCurves = 3;

/// The curves as lines of at most `width` (60..100; others are brought there) characters, each ended by a newline.
/// Bytes that are not printable ASCII become '?'. Precondition: at most kMaximumAsciiCurves curves.
[[nodiscard]] std::string curve_ascii(const PlotLabels& labels, std::span<const Curve> curves, int width);

}  // namespace faultline
