// Mutators that move the values of an image: shifts, turns, stretches, mirrors. Values are read bilinearly, and what
// comes from outside is black, unless said otherwise. Directions are as seen: x grows to the right, y downwards.
//
//   rotate(image, {.degrees = 20}, draws);
#pragma once

#include <array>

#include "faultline/core/mutator_registry.h"

namespace faultline {

struct TranslateParameters {
  double dx = 2;  ///< Pixels to the right.
  double dy = 2;  ///< Pixels down.

  static void fields(auto& p, auto&& visit) {
    const Scale scale{.unit = "pixels",
                      .values = {1, 2, 3, 4, 6},
                      .lower = -10000,
                      .upper = 10000,
                      .identity = 0,
                      .symmetric = true,
                      .grows_with_image = true};
    visit("dx", p.dx, scale, "to the right");
    visit("dy", p.dy, scale, "down");
  }
};

/// Moves the image; whole pixels are moved exactly.
Mutation translate(Image image, const TranslateParameters& parameters, Draws& draws);

struct RotateParameters {
  double degrees = 10;  ///< Counter-clockwise.

  static void fields(auto& p, auto&& visit) {
    visit("degrees", p.degrees,
          Scale{.unit = "degrees",
                .values = {4, 8, 13, 20, 30},
                .lower = -360,
                .upper = 360,
                .identity = 0,
                .symmetric = true},
          "counter-clockwise");
  }
};

/// Turns the image about its centre; quarter turns of square images are exact.
Mutation rotate(Image image, const RotateParameters& parameters, Draws& draws);

enum class Sizing { kMagnify, kShrink };

struct MagnifyParameters {
  double factor = 1.25;                 ///< Of lengths, 1/16 .. 16.
  Sizing direction = Sizing::kMagnify;  ///< Whether lengths are multiplied or divided by it.

  static void fields(auto& p, auto&& visit) {
    visit("factor", p.factor,
          Scale{.values = {1.08, 1.16, 1.27, 1.42, 1.65}, .lower = 0.0625, .upper = 16, .identity = 1},
          "by which lengths grow");
    visit("direction", p.direction, Choice{.names = {"magnify", "shrink"}},
          "multiply lengths by the factor, or divide");
  }
};

/// Magnifies or shrinks the image about its centre; its size in pixels stays. Bilinear without smoothing first.
Mutation magnify(Image image, const MagnifyParameters& parameters, Draws& draws);

struct ShearParameters {
  double degrees = 10;  ///< By which verticals lean to the right.
  double vertical = 0;  ///< Degrees by which horizontals then rise to the right.

  static void fields(auto& p, auto&& visit) {
    visit("degrees", p.degrees,
          Scale{.unit = "degrees",
                .values = {5, 9, 14, 20, 28},
                .lower = -75,
                .upper = 75,
                .identity = 0,
                .symmetric = true},
          "by which verticals lean to the right");
    visit(
        "vertical", p.vertical,
        Scale{
            .unit = "degrees", .values = {2, 4, 6, 9, 12}, .lower = -75, .upper = 75, .identity = 0, .symmetric = true},
        "by which horizontals rise to the right");
  }
};

/// Slants the image about its centre, first sideways and then upwards: areas stay what they are.
Mutation shear(Image image, const ShearParameters& parameters, Draws& draws);

struct PerspectiveParameters {
  double jitter = 0.1;  ///< Share of the sides, 0 .. 0.24 (beyond it the corners might change places).

  static void fields(auto& p, auto&& visit) {
    visit("jitter", p.jitter,
          Scale{.unit = "share of the side",
                .values = {0.03, 0.06, 0.1, 0.15, 0.21},
                .lower = 0,
                .upper = 0.24,
                .identity = 0},
          "how far each corner moves at most, in x and in y");
  }
};

/// Looks at the image as at a tilted plane: its four corners move by drawn shares, each uniform in -jitter .. jitter.
Mutation perspective(Image image, const PerspectiveParameters& parameters, Draws& draws);

enum class FlipAxis { kHorizontal, kVertical };

struct FlipParameters {
  FlipAxis axis = FlipAxis::kHorizontal;  ///< Along which values change places.

  static void fields(auto& p, auto&& visit) {
    visit("axis", p.axis, Choice{.names = {"horizontal", "vertical"}}, "swap left and right, or top and bottom");
  }
};

/// Mirrors the image, exactly.
Mutation flip(Image image, const FlipParameters& parameters, Draws& draws);

struct ElasticParameters {
  double alpha = 12;  ///< Pixels: what the smoothed field is multiplied by. It moves values by 0.16 alpha / sd or so.
  double sd = 4;      ///< Pixels: of the Gaussian that smooths the field.
  double affine = 1;  ///< Pixels: how far each of three points moves at most, in x and in y.

  static void fields(auto& p, auto&& visit) {
    const auto scale = [](const std::array<double, kSeverities>& values, double upper) {
      return Scale{
          .unit = "pixels", .values = values, .lower = 0, .upper = upper, .identity = 0, .grows_with_image = true};
    };
    visit("alpha", p.alpha, scale({6, 12, 18, 24, 31}, 20000), "amplitude of the field of displacements");
    visit("sd", p.sd, scale({4, 4, 4, 4, 4}, 1000), "smoothness of the field of displacements");
    visit("affine", p.affine, scale({0.5, 1, 1.5, 2, 2.5}, 1000), "jitter of the affine transform before it");
  }
};

/// Distorts the image as drawn on rubber (Hendrycks and Dietterich 2019, arXiv:1903.12261; the field is that of Simard,
/// Steinkraus and Platt 2003): an affine transform from three jittered points, mirrored about the outermost pixels, and
/// then displacements from a smoothed field of numbers uniform in -1 .. 1, mirrored about their outer sides.
/// Departures: places are not rounded to a 32nd of a pixel, and the three points of an image that is not square are
/// about its own centre (published: about the centre with width and height exchanged). Sides below 3 are skipped.
Mutation elastic(Image image, const ElasticParameters& parameters, Draws& draws);

struct CropAndPadParameters {
  double share = 0.2;  ///< Of the side.

  static void fields(auto& p, auto&& visit) {
    visit("share", p.share,
          Scale{.unit = "share of the side",
                .values = {0.1, 0.16, 0.22, 0.28, 0.35},
                .lower = 0,
                .upper = 1,
                .identity = 0},
          "cut and filled with black");
  }
};

/// Blackens a margin on one drawn side, or on two that meet: the nearest number of whole pixels to share * side.
/// Skipped when that is none.
Mutation crop_and_pad(Image image, const CropAndPadParameters& parameters, Draws& draws);

}  // namespace faultline
