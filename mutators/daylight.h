// Shadow and glare.
//
//   shadow(image, {.darkness = 0.5}, draws);
#pragma once

#include "faultline/core/mutator_registry.h"

namespace faultline {

/// The shadow of a wall or of a pole: a half-plane through the middle of the image, or a four-sided polygon, drawn
/// evenly, at a drawn place and angle, darkened by a factor of 1 - darkness.
struct ShadowParameters {
  double darkness = 0.45;  ///< Share of the light that is missing.
  double softness = 4;     ///< Width of the edge, in pixels.
  static void fields(auto& p, auto&& visit) {
    visit("darkness", p.darkness,
          Scale{.unit = "share of the light", .values = {0.15, 0.3, 0.45, 0.6, 0.75}, .upper = 1, .identity = 0},
          "missing in the shadow");
    visit("softness", p.softness,
          Scale{.unit = "pixels", .values = {4, 4, 4, 4, 4}, .upper = 4096, .grows_with_image = true},
          "width of the edge");
  }
};
Mutation shadow(Image image, const ShadowParameters& parameters, Draws& draws);

/// A lamp or the sun in the picture: a drawn spot of warm light with a halo and, at a drawn angle, a streak as of a
/// lens, all added to the image.
struct GlareParameters {
  double intensity = 0.6;  ///< Of the middle of the spot.
  double radius = 4;       ///< Of the spot, in pixels.
  static void fields(auto& p, auto&& visit) {
    visit("intensity", p.intensity, Scale{.values = {0.25, 0.45, 0.65, 0.85, 1.1}, .upper = 10, .identity = 0},
          "brightness of the middle of the spot");
    visit("radius", p.radius,
          Scale{.unit = "pixels", .values = {3, 3.5, 4, 4.5, 5}, .lower = 0.1, .upper = 4096, .grows_with_image = true},
          "of the spot");
  }
};
Mutation glare(Image image, const GlareParameters& parameters, Draws& draws);

}  // namespace faultline
