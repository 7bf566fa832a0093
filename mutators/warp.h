// Moves the values of an image: where each comes from is a function of its place, read bilinearly.
// Must not depend on OpenCV, whose warps round places to a 32nd of a pixel: here whole pixels and quarter turns are
// exact, and a value is what the formula says.
//
//   warp(image, Outside::kBlack, [](int x, int y) { return Place{x - 0.5, y + 0.0}; });  // half a pixel to the right
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "faultline/core/image.h"

namespace faultline {

/// In pixels; (0, 0) is the middle of the first one.
struct Place {
  double x = 0;
  double y = 0;
};

/// What lies beyond the edges: black, or the image mirrored about its outermost pixels (101: c b | a b c), or about
/// their outer sides (b a | a b c).
enum class Outside { kBlack, kReflect101, kReflect };

namespace warp_detail {

/// The pixel of a row or column of `side` pixels that stands for `index`; -1 when it is black.
[[nodiscard]] inline std::int64_t pixel_at(std::int64_t index, int side, Outside outside) {
  if (index >= 0 && index < side) {
    return index;
  }
  if (outside == Outside::kBlack) {
    return -1;
  }
  if (side == 1) {
    return 0;
  }
  const std::int64_t repeated = outside == Outside::kReflect ? 1 : 0;  // of the outermost pixel
  const std::int64_t period = 2 * (side - 1 + repeated);
  const std::int64_t place = ((index % period) + period) % period;
  return place < side ? place : period - repeated - place;
}

/// Two neighbouring pixels of a row or column, and how much the second counts.
struct Pair {
  std::array<std::int64_t, 2> pixels{};
  std::array<float, 2> weights{};
};

[[nodiscard]] inline Pair pair_at(double place, int side, Outside outside) {
  constexpr double kFar = 1e9;  // keeps infinity and what is no number out of the integers
  const double inside = place > -kFar ? std::min(place, kFar) : -kFar;
  const double first = std::floor(inside);
  const auto second_weight = static_cast<float>(inside - first);
  Pair pair{.pixels = {pixel_at(static_cast<std::int64_t>(first), side, outside),
                       pixel_at(static_cast<std::int64_t>(first) + 1, side, outside)},
            .weights = {1 - second_weight, second_weight}};
  for (std::size_t i = 0; i < 2; ++i) {
    if (pair.pixels[i] < 0) {
      pair.pixels[i] = 0;
      pair.weights[i] = 0;
    }
  }
  return pair;
}

}  // namespace warp_detail

/// Gives every pixel (x, y) the value that lies at origin(x, y), a Place.
template <typename Origin>
void warp(Image image, Outside outside, const Origin& origin) {
  const std::vector<float> source(image.values().begin(), image.values().end());
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const Place from = origin(x, y);
      const warp_detail::Pair column = warp_detail::pair_at(from.x, image.width, outside);
      const warp_detail::Pair row = warp_detail::pair_at(from.y, image.height, outside);
      const std::int64_t above = row.pixels[0] * image.width;
      const std::int64_t below = row.pixels[1] * image.width;
      const float* plane = source.data();
      float* target = image.data + std::int64_t{y} * image.width + x;
      for (int channel = 0; channel < image.channels; ++channel) {
        const float upper =
            plane[above + column.pixels[0]] * column.weights[0] + plane[above + column.pixels[1]] * column.weights[1];
        const float lower =
            plane[below + column.pixels[0]] * column.weights[0] + plane[below + column.pixels[1]] * column.weights[1];
        *target = upper * row.weights[0] + lower * row.weights[1];
        plane += image.area();
        target += image.area();
      }
    }
  }
}

}  // namespace faultline
