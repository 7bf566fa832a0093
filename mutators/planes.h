// Images as OpenCV sees them: one single-channel matrix a plane, over the same memory.
//
//   for_each_plane(image, [&](cv::Mat& plane) { cv::GaussianBlur(plane, plane, {5, 5}, 1); });
#pragma once

#include <opencv2/core.hpp>

#include "faultline/core/image.h"

namespace faultline {

/// CV_32F, height x width; writing to it changes the image.
[[nodiscard]] inline cv::Mat plane_of(Image image, int channel) {
  return {image.height, image.width, CV_32F, image.plane(channel).data()};
}

/// Calls change(plane) for each plane. What `change` leaves in its argument is written back, also when it was given
/// other memory.
template <typename Change>
void for_each_plane(Image image, const Change& change) {
  for (int channel = 0; channel < image.channels; ++channel) {
    const cv::Mat plane = plane_of(image, channel);
    cv::Mat changed = plane;
    change(changed);
    if (changed.data != plane.data) {
      changed.copyTo(plane);
    }
  }
}

}  // namespace faultline
