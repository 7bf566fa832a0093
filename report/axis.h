// Axes: round tick values and how to write them. Shared by the plots for pictures and for terminals.
//
//   Axis axis = axis_to(/*maximum=*/0.3, /*about=*/6);   // ticks 0, 0.05, ... 0.3
#pragma once

#include <string>
#include <vector>

namespace faultline {

struct Tick {
  double value = 0;
  std::string label{};
};

/// The smallest of 1, 2, 5 times a power of ten that is not below `least`. Precondition: finite and > 0.
[[nodiscard]] double nice_step(double least);

/// Round values from 0 to `maximum`, at most `most` + 1 of them, with labels of one format: plain decimals where those
/// are short, else with an exponent. Precondition: maximum is finite and > 0, most > 0.
[[nodiscard]] std::vector<Tick> ticks_to(double maximum, int most);

/// The smallest multiple of a round step that is not below `value`: where an axis ends that nobody gave an end.
/// Precondition: as ticks_to().
[[nodiscard]] double rounded_up(double value, int most);

/// A share as percent with one decimal at most: "98.1 %".
[[nodiscard]] std::string percent(double share);

}  // namespace faultline
