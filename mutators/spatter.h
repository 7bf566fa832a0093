// Drops of water or mud on the lens.
//
//   spatter(image, {.threshold = 0.69}, draws);
#pragma once

#include "faultline/core/mutator_registry.h"

namespace faultline {

/// Drops of water or mud on the lens (Hendrycks & Dietterich 2019, arXiv:1903.12261). Where blurred noise
/// N(mean, sd) exceeds the threshold there is liquid. Water is embossed along the edges of its drops, brought to
/// a maximum of `strength`, and added as pale turquoise; mud is that mask blurred by `strength`, cut off below 0.8, and
/// replaces the image by brown. Images without colours get the luma of both. Departs from the publication only in its
/// severities, which grow in one liquid instead of changing over to mud, and skips sides below 3 pixels.
struct SpatterParameters {
  double mean = 0.65;       ///< Of the noise.
  double sd = 0.3;          ///< Of the noise, before it is blurred.
  double blur = 1;          ///< Standard deviation of the blur, in pixels.
  double threshold = 0.69;  ///< Of the blurred noise.
  double strength = 0.6;    ///< Of water; of mud the blur of its edge, in pixels.
  int mud = 0;              ///< 0: water, 1: mud.
  static void fields(auto& p, auto&& visit) {
    visit("mean", p.mean, Scale{.values = {0.65, 0.65, 0.65, 0.65, 0.65}}, "of the noise");
    visit("sd", p.sd,
          Scale{.values = {0.3, 0.3, 0.3, 0.3, 0.3}, .upper = 1000, .identity = 0, .grows_with_image = true},
          "of the noise before it is blurred; 0: no liquid");
    visit("blur", p.blur, Scale{.unit = "pixels", .values = {1, 1, 1, 1, 1}, .upper = 1000, .grows_with_image = true},
          "standard deviation of the blur that makes drops of the noise");
    visit("threshold", p.threshold, Scale{.values = {0.8, 0.76, 0.73, 0.7, 0.68}},
          "liquid is where the noise exceeds it");
    visit("strength", p.strength, Scale{.values = {0.6, 0.6, 0.6, 0.6, 0.6}, .upper = 100},
          "brightness of water, or the blur of the edge of mud in pixels");
    visit("mud", p.mud, Choice{{"water", "mud"}}, "what the drops are of");
  }
};
Mutation spatter(Image image, const SpatterParameters& parameters, Draws& draws);

}  // namespace faultline
