#include "faultline/mutators/occlusion.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

#include "faultline/mutators/strokes.h"

namespace faultline {

namespace {

/// A whole number of 0 .. last from a number in [0, 1).
int place_of(float uniform, int last) {
  return std::min(last, static_cast<int>(uniform * static_cast<float>(last + 1)));
}

/// Whether a point lies in a hole of a grid with holes from 0 to `hole` in every cell from 0 to 1.
bool in_hole(double cells, double hole) { return cells - std::floor(cells) < hole; }

/// A line right across the image, through a drawn point at a drawn angle.
Stroke drawn_scratch(const Image& image, double width, Draws& draws) {
  const auto across = static_cast<float>(image.height + image.width);
  // Braces, not parentheses: they draw from left to right with every compiler.
  const cv::Point2f point{draws.uniform() * static_cast<float>(image.width),
                          draws.uniform() * static_cast<float>(image.height)};
  const float radians = draws.uniform() * std::numbers::pi_v<float>;
  const cv::Point2f along(std::cos(radians) * across, std::sin(radians) * across);
  return {.from = point - along, .to = point + along, .width = static_cast<float>(width)};
}

}  // namespace

Mutation patch(Image image, const PatchParameters& parameters, Draws& draws) {
  if (parameters.share <= 0) {
    return Mutation::kChanged;
  }
  const float grey = draws.uniform();
  const float down = draws.uniform();
  const float right = draws.uniform();
  const auto wanted = static_cast<int>(std::lround(std::sqrt(parameters.share * static_cast<double>(image.area()))));
  const int side = std::min({wanted, image.height, image.width});
  if (side == 0) {
    return Mutation::kSkipped;
  }
  const int top = place_of(down, image.height - side);
  const int left = place_of(right, image.width - side);
  for (int channel = 0; channel < image.channels; ++channel) {
    for (int y = top; y < top + side; ++y) {
      std::fill_n(image.plane(channel).data() + std::int64_t{y} * image.width + left, side, grey);
    }
  }
  return Mutation::kChanged;
}

Mutation cutout_grid(Image image, const CutoutGridParameters& parameters, Draws& draws) {
  if (parameters.share <= 0) {
    return Mutation::kChanged;
  }
  const float grey = draws.uniform();
  const double down = draws.between(0, 2);  // in cells; the rows of holes alternate
  const double right = draws.between(0, 1);
  const double hole = std::sqrt(parameters.share);
  for (int y = 0; y < image.height; ++y) {
    const double row = y / parameters.cell + down;
    if (!in_hole(row, hole)) {
      continue;
    }
    const double shift = right + 0.5 * std::fmod(std::floor(row), 2);
    for (int x = 0; x < image.width; ++x) {
      for (int channel = 0; channel < image.channels && in_hole(x / parameters.cell + shift, hole); ++channel) {
        image.data[channel * image.area() + std::int64_t{y} * image.width + x] = grey;
      }
    }
  }
  return Mutation::kChanged;
}

Mutation dead_pixels(Image image, const DeadPixelsParameters& parameters, Draws& draws) {
  if (parameters.share <= 0) {
    return Mutation::kChanged;
  }
  const auto below = static_cast<std::uint32_t>(std::lround(parameters.share * 0x1p24));
  for (std::int64_t i = 0; i < image.area(); ++i) {
    const std::uint32_t word = draws.word();
    for (int channel = 0; channel < image.channels && (word >> 8) < below; ++channel) {
      image.data[channel * image.area() + i] = static_cast<float>(word & 1U);
    }
  }
  return Mutation::kChanged;
}

Mutation dead_rows(Image image, const DeadRowsParameters& parameters, Draws& draws) {
  if (parameters.share <= 0) {
    return Mutation::kChanged;
  }
  std::vector<std::pair<std::uint32_t, int>> rows;  // those with the smallest numbers are stuck
  rows.reserve(static_cast<std::size_t>(image.height));
  for (int y = 0; y < image.height; ++y) {
    rows.emplace_back(draws.word(), y);
  }
  std::ranges::sort(rows);
  rows.resize(static_cast<std::size_t>(std::lround(parameters.share * image.height)));
  for (const auto& [word, y] : rows) {
    for (int channel = 0; channel < image.channels; ++channel) {
      std::fill_n(image.plane(channel).data() + std::int64_t{y} * image.width, image.width,
                  static_cast<float>(word & 1U));
    }
  }
  return rows.empty() ? Mutation::kSkipped : Mutation::kChanged;
}

Mutation scratches(Image image, const ScratchesParameters& parameters, Draws& draws) {
  constexpr float kTones = 0.25F;  // scratches are this far from white or black at most
  for (int i = 0; i < parameters.count; ++i) {
    const float offset = kTones * draws.uniform();
    const float grey = draws.sign() > 0 ? 1 - offset : offset;
    const Stroke stroke = drawn_scratch(image, parameters.width, draws);
    for_each_covered(stroke, image.height, image.width, [&](int y, int x, float share) {
      for (int channel = 0; channel < image.channels; ++channel) {
        float& value = image.data[channel * image.area() + std::int64_t{y} * image.width + x];
        value += share * (grey - value);
      }
    });
  }
  return Mutation::kChanged;
}

void register_occlusion(MutatorRegistry& registry) {
  registry.add<&patch>({.name = "patch",
                        .family = "occlusion",
                        .random = true,
                        .preserves = 3,
                        .validity = "larger patches may hide the stroke that tells a 4 from a 9",
                        .summary = "hides a square of the image behind a uniform grey"});
  registry.add<&cutout_grid>({.name = "cutout-grid",
                              .family = "occlusion",
                              .random = true,
                              .preserves = 4,
                              .validity = "what lies between the holes shows the whole object, if no hole is large",
                              .summary = "hides a grid of squares behind a uniform grey"});
  registry.add<&dead_pixels>({.name = "dead-pixels",
                              .family = "occlusion",
                              .random = true,
                              .validity = "a person looks past single pixels",
                              .summary = "sticks pixels at black or white"});
  registry.add<&dead_rows>({.name = "dead-rows",
                            .family = "occlusion",
                            .random = true,
                            .validity = "a person looks past thin lines, if four rows in five are left",
                            .summary = "sticks whole rows at black or white"});
  registry.add<&scratches>({.name = "scratches",
                            .family = "occlusion",
                            .random = true,
                            .preserves = 4,
                            .validity = "a person looks past thin lines, but many bright ones resemble pen strokes",
                            .summary = "draws thin bright and dark lines across the image"});
}

}  // namespace faultline
