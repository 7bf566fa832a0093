// Linear filters and random fields that several mutators share. Planes are CV_32F with one channel.
//
//   gaussian_blur(plane, 1.5);
//   motion_blur(image, {.radius = 10, .deviation = 3, .degrees = 30});
#pragma once

#include <opencv2/core.hpp>

#include "faultline/core/draws.h"
#include "faultline/core/image.h"

namespace faultline {

/// Gaussian blur of a CV_32F plane in place; radius int(4 * deviation + 0.5), edges replicated. Below a deviation of
/// 0.125 the radius is 0 and nothing changes.
void gaussian_blur(cv::Mat& plane, double deviation);

/// The kernel of an out-of-focus lens: a disk of that radius (in pixels, pixels in or out as a whole) smoothed by a
/// Gaussian of deviation `softness` over 3 x 3 pixels (5 x 5 above a radius of 8). CV_32F, a square of odd side; its
/// sum is 1. A softness of 0 leaves the disk hard.
[[nodiscard]] cv::Mat disk_kernel(double radius, double softness);

struct MotionTrail {
  double radius = 10;    ///< Pixels; the trail is 2 * radius + 1 pixels long.
  double deviation = 3;  ///< Pixels; of the one-sided Gaussian along the trail.
  double degrees = 0;    ///< Where the light comes from: 0 from the right, 90 from below.
};

/// Every pixel becomes the weighted mean of the trail that starts at it: step i weighs exp(-i^2 / (2 deviation^2)) and
/// is taken from the nearest pixel, edges replicated. The weights sum to 1.
void motion_blur(Image image, const MotionTrail& trail);

/// The middle of a CV_32F plane magnified by `factor` >= 1 in its own size, bilinear, exact about the centre.
[[nodiscard]] cv::Mat zoomed(const cv::Mat& plane, double factor);

/// CV_32F fields of independent numbers: standard normal, or in [0, 1).
[[nodiscard]] cv::Mat normal_field(int height, int width, Draws& draws);
[[nodiscard]] cv::Mat uniform_field(int height, int width, Draws& draws);

}  // namespace faultline
