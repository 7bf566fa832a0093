// Fog, snow and rain. Frost is in frost.h, shadow and glare are in daylight.h.
//
//   fog(image, {.thickness = 1, .decay = 2}, draws);
#pragma once

#include <opencv2/core.hpp>

#include "faultline/core/mutator_registry.h"

namespace faultline {

/// A cloudy map [height, width] in 0..1, CV_32F, by the diamond-square algorithm on a torus whose side is the next
/// power of two, cropped at a drawn place. From octave to octave the noise grows smaller by decay squared: the
/// published code divides by `decay` both the range that it draws from and the factor of what it draws.
[[nodiscard]] cv::Mat plasma(int height, int width, double decay, Draws& draws);

/// Fog (Hendrycks & Dietterich 2019, arXiv:1903.12261): (x + thickness * plasma) * most / (most + thickness), where
/// most is the brightest value of the image. Departs in that the plasma is cropped at a drawn place, not at the corner.
struct FogParameters {
  double thickness = 0.75;
  double decay = 2.5;  ///< Of the plasma: larger is smoother.
  static void fields(auto& p, auto&& visit) {
    visit("thickness", p.thickness, Scale{.values = {0.2, 0.5, 0.75, 1, 1.5}, .upper = 100, .identity = 0},
          "brightness of the fog, which is then brought back into the range of the image");
    visit("decay", p.decay, Scale{.values = {3, 3, 2.5, 2, 1.75}, .lower = 1, .upper = 100},
          "smoothness: how much fainter each finer octave is");
  }
};
Mutation fog(Image image, const FogParameters& parameters, Draws& draws);

/// Snow (Hendrycks & Dietterich 2019, arXiv:1903.12261): noise N(mean, sd), magnified about its centre, cut off
/// below the threshold and blurred along a drawn direction within 45 degrees of the vertical, is added as it is and
/// turned by 180 degrees to a whitened image: keep * x + (1 - keep) * max(x, 1.5 * grey + 0.5). Departs in that the
/// layer is not rounded to 8 bits, and in the motion blur (filters.h).
struct SnowParameters {
  double mean = 0.16;       ///< Of the noise.
  double sd = 0.3;          ///< Of the noise; 0: no flakes.
  double zoom = 1.5;        ///< Size of a flake, in pixels.
  double threshold = 0.55;  ///< Noise below is no snow.
  double radius = 8;        ///< Of the motion blur, in pixels.
  double trail = 2;         ///< Standard deviation along the motion blur, in pixels.
  double keep = 0.85;       ///< Share of the image that is not whitened.
  static void fields(auto& p, auto&& visit) {
    visit("mean", p.mean, Scale{.values = {0.08, 0.12, 0.16, 0.2, 0.24}, .upper = 10},
          "of the noise that flakes are made of");
    visit("sd", p.sd, Scale{.values = {0.3, 0.3, 0.3, 0.3, 0.3}, .upper = 10, .identity = 0},
          "of the noise; 0: no flakes");
    visit(
        "zoom", p.zoom,
        Scale{
            .unit = "pixels", .values = {1.5, 1.5, 1.5, 1.5, 1.5}, .lower = 1, .upper = 1000, .grows_with_image = true},
        "size of a flake");
    visit("threshold", p.threshold, Scale{.values = {0.55, 0.55, 0.55, 0.55, 0.55}, .upper = 10},
          "noise below is no snow");
    visit("radius", p.radius,
          Scale{.unit = "pixels", .values = {8, 8, 8, 8, 8}, .upper = 1000, .grows_with_image = true},
          "of the motion blur");
    visit("trail", p.trail, Scale{.unit = "pixels", .values = {2, 2, 2, 2, 2}, .upper = 1000, .grows_with_image = true},
          "standard deviation along the motion blur");
    visit("keep", p.keep, Scale{.values = {0.95, 0.9, 0.85, 0.8, 0.75}, .identity = 1},
          "share of the image that is not whitened");
  }
};
Mutation snow(Image image, const SnowParameters& parameters, Draws& draws);

/// Rain: thin pale translucent streaks, all of one drawn slant within 25 degrees of the vertical, that fade towards
/// their ends; near ones are longer, broader and brighter, and far ones are many.
struct RainParameters {
  double density = 110;  ///< Streaks in a square image.
  double length = 9;     ///< Of the nearest streaks, in pixels.
  static void fields(auto& p, auto&& visit) {
    visit("density", p.density,
          Scale{.unit = "streaks in a square image", .values = {30, 60, 110, 180, 280}, .upper = 100000, .identity = 0},
          "streaks");
    visit("length", p.length,
          Scale{.unit = "pixels", .values = {7, 8, 9, 10, 11}, .upper = 4096, .grows_with_image = true},
          "of the nearest streaks");
  }
};
Mutation rain(Image image, const RainParameters& parameters, Draws& draws);

}  // namespace faultline
