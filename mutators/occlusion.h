// Mutators that hide parts of the picture: patches, grids of holes, dead pixels and rows, scratches. Spatter is in
// spatter.h.
//
//   patch(image, {.share = 0.1}, draws);
#pragma once

#include "faultline/core/mutator_registry.h"

namespace faultline {

/// A square patch of one drawn grey at a drawn place hides a share of the area. Its side is the root of share * area,
/// rounded, and no longer than the shorter side of the image. After cutout (DeVries & Taylor 2017, arXiv:1708.04552),
/// whose patches are black and may leave the image.
struct PatchParameters {
  double share = 0.06;  ///< Of the area.
  static void fields(auto& p, auto&& visit) {
    visit("share", p.share,
          Scale{.unit = "share of the area", .values = {0.01, 0.03, 0.06, 0.1, 0.15}, .upper = 1, .identity = 0},
          "covered by the patch");
  }
};
Mutation patch(Image image, const PatchParameters& parameters, Draws& draws);

/// A grid of square holes of one drawn grey, at a drawn place, every other row of holes shifted by half a cell: like a
/// checkerboard seen with its squares apart. After GridMask (Chen et al. 2020, arXiv:2001.04086), whose rows are not
/// shifted and whose holes are black, and the checkerboard cutout of Mintun et al. 2021 (arXiv:2102.11273).
struct CutoutGridParameters {
  double cell = 5;      ///< Pixels from hole to hole.
  double share = 0.16;  ///< Of the area; the side of a hole is the root of it, in cells.
  static void fields(auto& p, auto&& visit) {
    visit("cell", p.cell,
          Scale{.unit = "pixels", .values = {5, 5, 5, 5, 5}, .lower = 1, .upper = 4096, .grows_with_image = true},
          "from hole to hole");
    visit("share", p.share,
          Scale{.unit = "share of the area", .values = {0.04, 0.09, 0.16, 0.25, 0.36}, .upper = 1, .identity = 0},
          "covered by holes");
  }
};
Mutation cutout_grid(Image image, const CutoutGridParameters& parameters, Draws& draws);

/// Each pixel is stuck with that probability, all its channels at 0 or all at 1, evenly: defects of a sensor.
struct DeadPixelsParameters {
  double share = 0.05;  ///< Of the pixels.
  static void fields(auto& p, auto&& visit) {
    visit("share", p.share,
          Scale{.unit = "share of the pixels", .values = {0.01, 0.025, 0.05, 0.1, 0.18}, .upper = 1, .identity = 0},
          "probability that a pixel is stuck");
  }
};
Mutation dead_pixels(Image image, const DeadPixelsParameters& parameters, Draws& draws);

/// The share of the rows, rounded to whole rows and at drawn places, is stuck, each at 0 or 1. Skips images in which
/// the share is less than half a row.
struct DeadRowsParameters {
  double share = 0.1;  ///< Of the rows.
  static void fields(auto& p, auto&& visit) {
    visit("share", p.share,
          Scale{.unit = "share of the rows", .values = {0.035, 0.07, 0.11, 0.16, 0.22}, .upper = 1, .identity = 0},
          "stuck at black or white");
  }
};
Mutation dead_rows(Image image, const DeadRowsParameters& parameters, Draws& draws);

/// Thin straight lines right across the image, bright or dark, antialiased, at drawn places and angles.
struct ScratchesParameters {
  int count = 5;        ///< Lines.
  double width = 0.45;  ///< Pixels; a line thinner than a pixel is fainter.
  static void fields(auto& p, auto&& visit) {
    visit("count", p.count, Scale{.unit = "lines", .values = {2, 3, 5, 8, 12}, .upper = 1000, .identity = 0},
          "lines across the image");
    visit("width", p.width,
          Scale{.unit = "pixels", .values = {0.35, 0.4, 0.45, 0.5, 0.55}, .upper = 1000, .grows_with_image = true},
          "of a line");
  }
};
Mutation scratches(Image image, const ScratchesParameters& parameters, Draws& draws);

}  // namespace faultline
