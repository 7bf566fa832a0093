// Ice on the window.
//
//   frost(image, {.keep = 0.8, .add = 0.5}, draws);
#pragma once

#include <opencv2/core.hpp>

#include "faultline/core/mutator_registry.h"

namespace faultline {

/// Ice flowers [height, width] in 0..1, CV_32F: needles that branch at 60 degrees grow from the edges over a hazy
/// ground of ridged noise; thinner towards the middle.
[[nodiscard]] cv::Mat frost_texture(int height, int width, Draws& draws);

/// Ice on the window: keep * x + add * texture, the texture in a pale blue (Hendrycks & Dietterich 2019,
/// arXiv:1903.12261). Departs in that the texture is synthesised for each image, where the publication crops one of its
/// photographs.
struct FrostParameters {
  double keep = 0.9;  ///< Share of the image.
  double add = 0.36;  ///< Brightness of the ice.
  static void fields(auto& p, auto&& visit) {
    visit("keep", p.keep, Scale{.values = {1, 0.95, 0.9, 0.85, 0.75}, .identity = 1}, "share of the image");
    visit("add", p.add, Scale{.values = {0.14, 0.24, 0.36, 0.48, 0.6}, .upper = 10, .identity = 0},
          "brightness of the ice");
  }
};
Mutation frost(Image image, const FrostParameters& parameters, Draws& draws);

}  // namespace faultline
