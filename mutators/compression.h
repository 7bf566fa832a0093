// Mutators that take information away as files and links do: fewer pixels, fewer levels, coarser coefficients.
// Severities are our own; the published profiles (Hendrycks and Dietterich 2019, arXiv:1903.12261) are values of the
// same parameters.
//
//   compress_jpeg(image, {.quality = 25}, draws);
#pragma once

#include "faultline/core/draws.h"
#include "faultline/core/image.h"
#include "faultline/core/mutator.h"

namespace faultline {

/// Rounded to 8 bits, written as JPEG of that quality and read back. Three channels are red, green and blue (colour at
/// half the resolution, as is usual); others are gray images of their own. Images with a side above 65500 are skipped.
struct JpegParameters {
  int quality = 25;
  static void fields(auto& p, auto&& visit) {
    visit("quality", p.quality, Scale{.values = {80, 60, 40, 25, 12}, .lower = 1, .upper = 100},
          "of the encoder; 100 is best and still rounds");
  }
};
Mutation compress_jpeg(Image image, const JpegParameters& parameters, Draws& draws);

/// Both sides reduced to int(scale * side), at least 1, each pixel the mean of the area it covers, and enlarged again
/// to squares. The published code takes the mean of the pixels whose centres are in the area; the two agree where the
/// side is a multiple of the reduced one.
struct PixelateParameters {
  double scale = 0.6;
  static void fields(auto& p, auto&& visit) {
    visit(
        "scale", p.scale,
        Scale{
            .unit = "share of the side", .values = {0.9, 0.75, 0.6, 0.45, 0.35}, .lower = 0, .upper = 1, .identity = 1},
        "side of the reduced image");
  }
};
Mutation pixelate(Image image, const PixelateParameters& parameters, Draws& draws);

/// Rounded to the nearest of 2^bits levels from 0 to 1, that is to multiples of 1 / (2^bits - 1). 24 bits, those of a
/// float, change nothing.
struct BitDepthParameters {
  int bits = 4;
  static void fields(auto& p, auto&& visit) {
    visit("bits", p.bits, Scale{.unit = "bits", .values = {5, 4, 3, 2, 1}, .lower = 1, .upper = 24, .identity = 24},
          "of every element");
  }
};
Mutation reduce_bit_depth(Image image, const BitDepthParameters& parameters, Draws& draws);

/// Both sides reduced to int(scale * side), at least 1, and enlarged again. No filter against aliasing: what a careless
/// pipeline does.
struct ResampleParameters {
  double scale = 0.5;
  int down = 0;
  int up = 0;
  static void fields(auto& p, auto&& visit) {
    visit("scale", p.scale,
          Scale{.unit = "share of the side",
                .values = {0.85, 0.7, 0.55, 0.45, 0.35},
                .lower = 0,
                .upper = 1,
                .identity = 1},
          "side of the reduced image");
    visit("down", p.down, Choice{{"bilinear", "bicubic", "nearest"}}, "interpolation when the image is reduced");
    visit("up", p.up, Choice{{"bilinear", "bicubic", "nearest"}}, "interpolation when it is enlarged");
  }
};
Mutation resample(Image image, const ResampleParameters& parameters, Draws& draws);

}  // namespace faultline
