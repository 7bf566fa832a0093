// Finds free places for the names of falling curves inside a plot. Works in pixels: x to the right, y downwards.
//
//   std::vector<std::optional<Box>> places = place_labels(area, curves, obstacles);
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace faultline {

struct Box {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

/// A curve that wants a label of that size. `height` gives its y at an x and never falls (y grows downwards).
struct LabelledCurve {
  std::function<double(double)> height{};
  double label_width = 0;
  double label_height = 0;
  double gap = 7;  ///< Between the label and the curve.
};

/// One box per curve, beside it and clear of all curves, of the obstacles and of the other labels, such that its own
/// curve is much nearer than any other; nothing where there is no such place.
[[nodiscard]] std::vector<std::optional<Box>> place_labels(const Box& area, std::span<const LabelledCurve> curves,
                                                           std::span<const Box> obstacles);

}  // namespace faultline
