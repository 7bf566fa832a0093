// Mutators that smear an image: what a lens, a shaken hand or a rough pane does to it. Lengths are in pixels; edges are
// replicated. Severities are our own; the published profiles (Hendrycks and Dietterich 2019, arXiv:1903.12261) are
// values of the same parameters.
//
//   blur_defocus(image, {.radius = 3, .softness = 0.1}, draws);
#pragma once

#include "faultline/core/draws.h"
#include "faultline/core/image.h"
#include "faultline/core/mutator.h"

namespace faultline {

/// Gaussian blur of radius int(4 * sd + 0.5): from 0.125 on, something changes.
struct GaussianBlurParameters {
  double sd = 1;
  static void fields(auto& p, auto&& visit) {
    visit("sd", p.sd,
          Scale{.unit = "pixels",
                .values = {0.4, 0.6, 0.8, 1.1, 1.5},
                .lower = 0,
                .upper = 200,
                .identity = 0,
                .grows_with_image = true},
          "deviation of the Gaussian");
  }
};
Mutation blur_gaussian(Image image, const GaussianBlurParameters& parameters, Draws& draws);

/// What a lens out of focus sees: the image filtered with disk_kernel of filters.h. The published code mirrors at the
/// edges and does not bring the smoothed disk back to the sum 1, which shows from a radius of 8 on (below 0.1 %).
struct DefocusBlurParameters {
  double radius = 1;
  double softness = 0.1;
  static void fields(auto& p, auto&& visit) {
    visit("radius", p.radius,
          Scale{.unit = "pixels",
                .values = {0.3, 1.2, 1.7, 2.3, 2.9},
                .lower = 0,
                .upper = 400,
                .identity = 0,
                .grows_with_image = true},
          "of the disk; below 1 it is one pixel");
    visit("softness", p.softness,
          Scale{.unit = "pixels", .values = {0.4, 0.1, 0.1, 0.3, 0.5}, .lower = 0, .upper = 5, .identity = 0},
          "deviation of the Gaussian that smooths the disk");
  }
};
Mutation blur_defocus(Image image, const DefocusBlurParameters& parameters, Draws& draws);

/// Seen through rough glass: a Gaussian blur, then every pixel of rows height - distance .. distance + 1 (downwards, as
/// the columns) is replaced with the pixel -distance .. distance - 1 rows and columns away, then blurred again. All
/// channels move together. As in the published code, whose exchange of two pixels is a copy of one; unlike it, values
/// are not rounded to 8 bits in between.
struct GlassBlurParameters {
  double sd = 0.4;
  int distance = 1;
  int iterations = 1;
  static void fields(auto& p, auto&& visit) {
    visit("sd", p.sd,
          Scale{.unit = "pixels",
                .values = {0.2, 0.7, 0.7, 0.7, 0.7},
                .lower = 0,
                .upper = 200,
                .identity = 0,
                .grows_with_image = true},
          "deviation of the Gaussian, before and after");
    visit("distance", p.distance,
          Scale{.unit = "pixels",
                .values = {1, 1, 1, 1, 2},
                .lower = 0,
                .upper = 400,
                .identity = 0,
                .grows_with_image = true},
          "farthest move along an axis");
    visit("iterations", p.iterations, Scale{.values = {1, 1, 2, 3, 3}, .lower = 0, .upper = 20, .identity = 0},
          "how often every pixel moves");
  }
};
Mutation blur_glass(Image image, const GlassBlurParameters& parameters, Draws& draws);

/// A camera that moves: a one-sided Gaussian trail of 2 * radius + 1 pixels (motion_blur of filters.h). Its direction
/// is drawn from -45 .. 45 degrees. The published code leaves out what of the trail would come from outside.
struct MotionBlurParameters {
  double radius = 6;
  double deviation = 1.5;
  static void fields(auto& p, auto&& visit) {
    visit("radius", p.radius,
          Scale{.unit = "pixels",
                .values = {6, 6, 6, 8, 10},
                .lower = 0,
                .upper = 400,
                .identity = 0,
                .grows_with_image = true},
          "half the length of the trail");
    visit("deviation", p.deviation,
          Scale{.unit = "pixels",
                .values = {0.7, 1.2, 1.8, 2.6, 3.6},
                .lower = 0,
                .upper = 400,
                .identity = 0,
                .grows_with_image = true},
          "of the Gaussian along the trail");
  }
};
Mutation blur_motion(Image image, const MotionBlurParameters& parameters, Draws& draws);

/// A camera that moves forwards: the mean of the image and of its magnifications by 1, 1 + step, ... below `end`. The
/// published code crops before it magnifies, which shifts the centre by up to half a pixel; this keeps the centre.
struct ZoomBlurParameters {
  double end = 1.1;
  double step = 0.01;
  static void fields(auto& p, auto&& visit) {
    visit("end", p.end, Scale{.values = {1.06, 1.11, 1.16, 1.21, 1.26}, .lower = 1, .upper = 4, .identity = 1},
          "magnifications stay below");
    visit("step", p.step, Scale{.values = {0.01, 0.01, 0.01, 0.01, 0.01}, .lower = 0.001, .upper = 1, .identity = 0.01},
          "between magnifications");
  }
};
Mutation blur_zoom(Image image, const ZoomBlurParameters& parameters, Draws& draws);

/// Every pixel becomes the median of the pixels of its plane whose centres are at most `radius` away: 1 is a cross of
/// 5, 1.5 a square of 3 x 3. Takes away thin lines.
struct MedianBlurParameters {
  double radius = 1.5;
  static void fields(auto& p, auto&& visit) {
    visit("radius", p.radius,
          Scale{.unit = "pixels",
                .values = {1.2, 1.7, 2.3, 2.9, 3.5},
                .lower = 0,
                .upper = 100,
                .identity = 0,
                .grows_with_image = true},
          "of the round window");
  }
};
Mutation blur_median(Image image, const MedianBlurParameters& parameters, Draws& draws);

}  // namespace faultline
