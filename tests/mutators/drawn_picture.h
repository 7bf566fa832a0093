// Pictures whose values a test writes out as a formula.
//
//   const PlainPicture ramp = drawn_picture(1, 4, 8, [](int, int, int x) { return x / 7.0; });
#pragma once

#include <algorithm>
#include <cmath>

#include "mutators/plain_picture.h"

namespace faultline {

/// The picture of the values value(channel, y, x).
template <typename Value>
[[nodiscard]] PlainPicture drawn_picture(int channels, int height, int width, const Value& value) {
  PlainPicture picture(channels, height, width, /*key=*/0);
  for (int channel = 0; channel < channels; ++channel) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        picture.at(channel, y, x) = static_cast<float>(value(channel, y, x));
      }
    }
  }
  return picture;
}

/// The value there; beyond the edges that of the nearest pixel.
[[nodiscard]] inline double at_or_edge(const PlainPicture& picture, int channel, int y, int x) {
  return picture.at(channel, std::clamp(y, 0, picture.height - 1), std::clamp(x, 0, picture.width - 1));
}

/// The largest and the mean distance of two values at the same place. Precondition: the pictures have the same size.
[[nodiscard]] inline double largest_difference(const PlainPicture& a, const PlainPicture& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a.values.at(i)) - static_cast<double>(b.values.at(i))));
  }
  return largest;
}
[[nodiscard]] inline double mean_difference(const PlainPicture& a, const PlainPicture& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.values.size(); ++i) {
    sum += std::abs(static_cast<double>(a.values.at(i)) - static_cast<double>(b.values.at(i)));
  }
  return sum / static_cast<double>(a.values.size());
}

}  // namespace faultline
