// Colours of rain, snow and mud, in images that may have none.
//
//   pixel = tone(kMudBrown, image, channel);
#pragma once

#include <array>

#include <opencv2/core.hpp>

#include "faultline/core/image.h"
#include "faultline/mutators/planes.h"

namespace faultline {

/// Red, green and blue, 0..1.
using Colour = std::array<float, 3>;

/// How bright a colour is to the eye (ITU-R BT.601).
[[nodiscard]] constexpr float luma(const Colour& colour) {
  return 0.299F * colour[0] + 0.587F * colour[1] + 0.114F * colour[2];
}

/// The value of the colour in one plane: its luma where the image does not have three.
[[nodiscard]] constexpr float tone(const Colour& colour, const Image& image, int channel) {
  return image.channels == 3 ? colour[static_cast<std::size_t>(channel)] : luma(colour);
}

/// The luma of every pixel, CV_32F; the mean of the planes where the image does not have three.
[[nodiscard]] inline cv::Mat grey_of(Image image) {
  const Colour weights = {0.299F, 0.587F, 0.114F};
  cv::Mat grey = cv::Mat::zeros(image.height, image.width, CV_32F);
  for (int channel = 0; channel < image.channels; ++channel) {
    const float weight =
        image.channels == 3 ? weights[static_cast<std::size_t>(channel)] : 1.0F / static_cast<float>(image.channels);
    grey += weight * plane_of(image, channel);
  }
  return grey;
}

}  // namespace faultline
