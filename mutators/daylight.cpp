#include "faultline/mutators/daylight.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "faultline/mutators/colours.h"

namespace faultline {

namespace {

constexpr Colour kLamp = {1, 0.96F, 0.86F};

/// What lies on one side of a line: normal * point <= offset.
struct ShadowEdge {
  cv::Point2f normal;
  float offset = 0;
};

/// A half-plane (all edges are the same) or a polygon.
std::array<ShadowEdge, 4> drawn_edges(const Image& image, Draws& draws) {
  const auto width = static_cast<float>(image.width);
  const auto height = static_cast<float>(image.height);
  // Braces, not parentheses: they draw from left to right with every compiler.
  const cv::Point2f middle{width * (0.3F + 0.4F * draws.uniform()), height * (0.3F + 0.4F * draws.uniform())};
  const float radians = 2 * std::numbers::pi_v<float> * draws.uniform();
  const bool polygon = draws.sign() > 0;
  std::array<ShadowEdge, 4> edges;
  float quarter = 0;
  for (ShadowEdge& edge : edges) {
    const float turn = polygon ? std::numbers::pi_v<float> * (quarter + 0.4F * draws.uniform() - 0.2F) : 0.0F;
    const float apart = polygon ? std::min(width, height) * (0.15F + 0.3F * draws.uniform()) : 0.0F;
    edge.normal = {std::cos(radians + turn), std::sin(radians + turn)};
    edge.offset = edge.normal.dot(middle) + apart;
    quarter += 0.5F;
  }
  return edges;
}

/// From 0 to 1 without a kink, as `place` goes from 0 to 1.
float smooth_step(float place) {
  const float inside = std::clamp(place, 0.0F, 1.0F);
  return inside * inside * (3 - 2 * inside);
}

/// Pixels from the edge of the shadow; negative inside.
float outside_by(const std::array<ShadowEdge, 4>& edges, cv::Point2f point) {
  float most = edges[0].normal.dot(point) - edges[0].offset;
  for (const ShadowEdge& edge : edges) {
    most = std::max(most, edge.normal.dot(point) - edge.offset);
  }
  return most;
}

/// 1 in the middle of the spot.
float spot_light(cv::Point2f offset, cv::Point2f along) {
  constexpr float kHalo = 0.3F;
  constexpr float kStreak = 0.45F;
  const float squared = offset.dot(offset);  // in radii of the spot
  const float lengthwise = offset.dot(along);
  const float across = offset.x * along.y - offset.y * along.x;
  const float core = std::exp(-squared);
  const float halo = 1 / (1 + squared);
  const float streak = std::exp(-30 * across * across) / (1 + 0.15F * lengthwise * lengthwise);
  return ((1 - kHalo - kStreak) * core + kHalo * halo + kStreak * streak);
}

}  // namespace

Mutation shadow(Image image, const ShadowParameters& parameters, Draws& draws) {
  if (parameters.darkness <= 0) {
    return Mutation::kChanged;
  }
  const std::array<ShadowEdge, 4> edges = drawn_edges(image, draws);
  const auto darkness = static_cast<float>(parameters.darkness);
  const float softness = std::max(static_cast<float>(parameters.softness), 1e-3F);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const float outside = outside_by(edges, {static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F});
      const float light = 1 - darkness * smooth_step(0.5F - outside / softness);
      for (int channel = 0; channel < image.channels; ++channel) {
        image.data[channel * image.area() + std::int64_t{y} * image.width + x] *= light;
      }
    }
  }
  return Mutation::kChanged;
}

Mutation glare(Image image, const GlareParameters& parameters, Draws& draws) {
  if (parameters.intensity <= 0) {
    return Mutation::kChanged;
  }
  // Braces, not parentheses: they draw from left to right with every compiler.
  const cv::Point2f middle{draws.uniform() * static_cast<float>(image.width),
                           draws.uniform() * static_cast<float>(image.height)};
  const float radians = std::numbers::pi_v<float> * (draws.uniform() - 0.5F) / 3;  // lenses flare along the picture
  const cv::Point2f along(std::cos(radians), std::sin(radians));
  const float scale = 1 / static_cast<float>(parameters.radius);
  const auto intensity = static_cast<float>(parameters.intensity);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const cv::Point2f point(static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F);
      const float light = intensity * spot_light((point - middle) * scale, along);
      for (int channel = 0; channel < image.channels; ++channel) {
        image.data[channel * image.area() + std::int64_t{y} * image.width + x] += light * tone(kLamp, image, channel);
      }
    }
  }
  return Mutation::kChanged;
}

void register_daylight(MutatorRegistry& registry) {
  registry.add<&shadow>({.name = "shadow",
                         .family = "weather",
                         .random = true,
                         .validity = "a quarter of the light is enough to see the object",
                         .summary = "darkens a part of the scene with a soft edge"});
  registry.add<&glare>({.name = "glare",
                        .family = "weather",
                        .random = true,
                        .preserves = 4,
                        .validity = "the spot is smaller than the object, but may swamp what is bright itself",
                        .summary = "puts a lamp with halo and streak into the picture"});
}

}  // namespace faultline
