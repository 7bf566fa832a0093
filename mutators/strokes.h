// Thin antialiased lines: rain, scratches, needles of ice.
//
//   for_each_covered({.from = {2, 0}, .to = {5, 31}, .width = 0.8F}, image.height, image.width,
//                    [&](int y, int x, float coverage) { ... });
#pragma once

#include <algorithm>
#include <cmath>

#include <opencv2/core.hpp>

namespace faultline {

/// A straight line with round ends, in pixels; the centre of the pixel in row y and column x is the point (x, y).
struct Stroke {
  cv::Point2f from;
  cv::Point2f to;
  float width = 1;
};

/// The share of the pixel at `point` that the stroke covers: 1 within, 0 half a pixel outside, linear between. A stroke
/// thinner than a pixel covers its width's share of one.
[[nodiscard]] inline float coverage(const Stroke& stroke, cv::Point2f point) {
  const cv::Point2f along = stroke.to - stroke.from;
  const cv::Point2f offset = point - stroke.from;
  const float length_squared = along.dot(along);
  const float place = length_squared > 0 ? std::clamp(offset.dot(along) / length_squared, 0.0F, 1.0F) : 0.0F;
  const cv::Point2f apart = offset - along * place;
  const float reach = std::max(stroke.width, 1.0F) / 2 + 0.5F - std::sqrt(apart.dot(apart));
  return std::clamp(reach, 0.0F, 1.0F) * std::min(stroke.width, 1.0F);
}

/// Calls cover(y, x, coverage) for each pixel of a height x width image that the stroke covers. The cost is that of the
/// pixels near the stroke, not that of its bounding box.
template <typename Cover>
void for_each_covered(const Stroke& stroke, int height, int width, const Cover& cover) {
  const cv::Point2f along = stroke.to - stroke.from;
  const bool upright = std::abs(along.y) > std::abs(along.x);  // walk along the longer axis
  const float slope = upright ? along.x / along.y : (along.x == 0 ? 0.0F : along.y / along.x);
  const float margin = std::max(stroke.width, 1.0F) / 2 + 0.5F;
  const float band = margin * std::sqrt(1 + slope * slope);
  const auto major = [&](cv::Point2f point) { return upright ? point.y : point.x; };
  const auto minor = [&](cv::Point2f point) { return upright ? point.x : point.y; };
  const int length = upright ? height : width;
  const int breadth = upright ? width : height;
  const auto clamped = [](float place, int side) {
    return static_cast<int>(std::clamp(place, -1.0F, static_cast<float>(side)));
  };
  const auto [low, high] = std::minmax({major(stroke.from), major(stroke.to)});
  for (int i = std::max(0, clamped(low - margin, length)); i <= std::min(length - 1, clamped(high + margin, length));
       ++i) {
    const float middle = minor(stroke.from) + slope * (static_cast<float>(i) - major(stroke.from));
    const int first = std::max(0, clamped(middle - band, breadth));
    const int last = std::min(breadth - 1, clamped(middle + band + 1, breadth));
    for (int j = first; j <= last; ++j) {
      const int y = upright ? i : j;
      const int x = upright ? j : i;
      const float share = coverage(stroke, {static_cast<float>(x), static_cast<float>(y)});
      if (share > 0) {
        cover(y, x, share);
      }
    }
  }
}

}  // namespace faultline
