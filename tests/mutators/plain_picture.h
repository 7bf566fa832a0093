// Small pictures of random values, for tests that compute by hand what a mutator should give.
//
//   PlainPicture picture(3, 5, 7, /*key=*/1);
//   rotate(picture.image(), {.degrees = 90}, draws);
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "faultline/core/draws.h"
#include "faultline/core/image.h"

namespace faultline {

struct Spot {
  double x = 0;
  double y = 0;
};

struct PlainPicture {
  int channels = 1;
  int height = 1;
  int width = 1;
  std::vector<float> values;

  PlainPicture(int channels_, int height_, int width_, std::uint64_t key)
      : channels(channels_),
        height(height_),
        width(width_),
        values(static_cast<std::size_t>(channels_) * static_cast<std::size_t>(height_ * width_)) {
    Draws(key).fill_uniform(values);
  }

  [[nodiscard]] Image image() {
    return {.data = values.data(), .channels = channels, .height = height, .width = width};
  }

  [[nodiscard]] float& at(int channel, int y, int x) {
    return values.at(static_cast<std::size_t>((channel * height + y) * width + x));
  }
  [[nodiscard]] float at(int channel, int y, int x) const {
    return values.at(static_cast<std::size_t>((channel * height + y) * width + x));
  }

  /// The value, or 0 beyond the edges.
  [[nodiscard]] float at_or_black(int channel, int y, int x) const {
    return y >= 0 && y < height && x >= 0 && x < width ? at(channel, y, x) : 0;
  }
};

/// Every value of `actual` is what expected(channel, y, x) gives, to within the tolerance.
inline void expect_values(const PlainPicture& actual, double tolerance,
                          const std::function<double(int, int, int)>& expected) {
  for (int channel = 0; channel < actual.channels; ++channel) {
    for (int y = 0; y < actual.height; ++y) {
      for (int x = 0; x < actual.width; ++x) {
        ASSERT_NEAR(actual.at(channel, y, x), expected(channel, y, x), tolerance)
            << "channel " << channel << ", row " << y << ", column " << x;
      }
    }
  }
}

}  // namespace faultline
