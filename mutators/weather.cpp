#include "faultline/mutators/weather.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "faultline/mutators/colours.h"
#include "faultline/mutators/filters.h"
#include "faultline/mutators/strokes.h"

namespace faultline {

namespace {

constexpr Colour kDrop = {0.78F, 0.82F, 0.87F};

/// A square map whose opposite sides meet. The side is a power of two.
class Torus {
 public:
  explicit Torus(int side) : values_(cv::Mat::zeros(side, side, CV_32F)), mask_(side - 1) {}

  /// The mean of the four points at these distances, plus noise in -amplitude .. amplitude.
  void fill(int y, int x, cv::Point first, cv::Point second, float noise) {
    const float sum = at(y + first.y, x + first.x) + at(y - first.y, x - first.x) + at(y + second.y, x + second.x) +
                      at(y - second.y, x - second.x);
    at(y, x) = sum / 4 + noise;
  }

  [[nodiscard]] cv::Mat& values() { return values_; }

 private:
  [[nodiscard]] float& at(int y, int x) { return values_.ptr<float>(y & mask_)[x & mask_]; }

  cv::Mat values_;
  int mask_;
};

/// Fills the points between those that are `step` apart.
void fill_octave(Torus& torus, int step, float amplitude, Draws& draws) {
  const int side = torus.values().rows;
  const int half = step / 2;
  const auto noise = [&] { return amplitude * (2 * draws.uniform() - 1); };
  for (int y = half; y < side; y += step) {
    for (int x = half; x < side; x += step) {
      torus.fill(y, x, {half, half}, {half, -half}, noise());
    }
  }
  for (int y = 0; y < side; y += half) {
    for (int x = (y / half) % 2 == 0 ? half : 0; x < side; x += step) {
      torus.fill(y, x, {half, 0}, {0, half}, noise());
    }
  }
}

/// One drop on its way: drawn place and nearness, whatever it looks like.
struct Drop {
  cv::Point2f place;
  float nearness = 1;  // 0.25 .. 1, mostly far
};

Drop drawn_drop(const Image& image, float reach, Draws& draws) {
  // Braces, not parentheses: they draw from left to right with every compiler.
  const cv::Point2f place{(1.4F * draws.uniform() - 0.2F) * static_cast<float>(image.width),
                          draws.uniform() * (static_cast<float>(image.height) + reach)};
  const float near = draws.uniform();
  return {.place = place, .nearness = 0.25F + 0.75F * near * near};
}

/// Blends the streak into the image, fading towards both ends.
void draw_streak(Image image, const Stroke& stroke, float opacity) {
  const cv::Point2f along = stroke.to - stroke.from;
  const float length_squared = std::max(along.dot(along), 1e-6F);
  for_each_covered(stroke, image.height, image.width, [&](int y, int x, float share) {
    const cv::Point2f offset = cv::Point2f(static_cast<float>(x), static_cast<float>(y)) - stroke.from;
    const float place = std::clamp(offset.dot(along) / length_squared, 0.0F, 1.0F);
    const float blend = opacity * share * (0.2F + 3.2F * place * (1 - place));
    for (int channel = 0; channel < image.channels; ++channel) {
      float& value = image.data[channel * image.area() + std::int64_t{y} * image.width + x];
      value += blend * (tone(kDrop, image, channel) - value);
    }
  });
}

}  // namespace

cv::Mat plasma(int height, int width, double decay, Draws& draws) {
  const auto side = static_cast<int>(std::bit_ceil(static_cast<unsigned>(std::max(height, width))));
  // Braces, not parentheses: they draw from left to right with every compiler.
  const cv::Rect place{draws.below(side - width + 1), draws.below(side - height + 1), width, height};
  Torus torus(side);
  double amplitude = 1;
  for (int step = side; step > 1; step /= 2) {
    fill_octave(torus, step, static_cast<float>(amplitude), draws);
    amplitude /= decay * decay;
  }
  double least = 0;
  double most = 0;
  cv::minMaxLoc(torus.values(), &least, &most);
  const double range = most > least ? most - least : 1;
  cv::Mat map;
  torus.values()(place).convertTo(map, CV_32F, 1 / range, -least / range);
  return cv::min(cv::max(map, 0), 1);  // against rounding
}

Mutation fog(Image image, const FogParameters& parameters, Draws& draws) {
  if (parameters.thickness <= 0) {
    return Mutation::kChanged;
  }
  const cv::Mat map = plasma(image.height, image.width, parameters.decay, draws);
  const auto thickness = static_cast<float>(parameters.thickness);
  const float most = std::ranges::max(image.values());
  const float range = most / (most + thickness);
  for_each_plane(image, [&](cv::Mat& plane) { plane = (plane + thickness * map) * range; });
  return Mutation::kChanged;
}

Mutation snow(Image image, const SnowParameters& parameters, Draws& draws) {
  if (parameters.sd <= 0 && parameters.mean <= parameters.threshold && parameters.keep >= 1) {
    return Mutation::kChanged;
  }
  const double degrees = draws.between(-135, -45);
  cv::Mat noise = normal_field(image.height, image.width, draws);
  noise = noise * parameters.sd + parameters.mean;
  cv::Mat flakes = zoomed(noise, parameters.zoom);
  for (auto flake = flakes.begin<float>(); flake != flakes.end<float>(); ++flake) {
    *flake = *flake < static_cast<float>(parameters.threshold) ? 0.0F : std::clamp(*flake, 0.0F, 1.0F);
  }
  motion_blur({flakes.ptr<float>(), 1, image.height, image.width},
              {.radius = parameters.radius, .deviation = parameters.trail, .degrees = degrees});
  cv::Mat turned;
  cv::flip(flakes, turned, -1);
  const cv::Mat white = 1.5 * grey_of(image) + 0.5;
  for_each_plane(image, [&](cv::Mat& plane) {
    const cv::Mat whitened = cv::max(plane, white);
    plane = parameters.keep * plane + (1 - parameters.keep) * whitened + flakes + turned;
  });
  return Mutation::kChanged;
}

Mutation rain(Image image, const RainParameters& parameters, Draws& draws) {
  constexpr double kMostStreaks = 1e6;
  constexpr float kThin = 0.013F;   // of the shorter side: the width of the nearest streaks
  constexpr float kOpaque = 0.85F;  // the nearest streaks
  if (parameters.density <= 0) {
    return Mutation::kChanged;
  }
  const auto side = static_cast<float>(std::min(image.height, image.width));
  const auto longest = static_cast<float>(parameters.length);
  const double slant = draws.between(-25, 25) * std::numbers::pi / 180;
  const cv::Point2f fall(static_cast<float>(std::sin(slant)), static_cast<float>(-std::cos(slant)));
  const double squares = static_cast<double>(image.area()) / (static_cast<double>(side) * side);
  const auto count = static_cast<int>(std::lround(std::min(parameters.density * squares, kMostStreaks)));
  for (int i = 0; i < count; ++i) {
    const Drop drop = drawn_drop(image, longest, draws);
    const Stroke stroke{.from = drop.place,
                        .to = drop.place + fall * (longest * drop.nearness),
                        .width = std::max(kThin * side * drop.nearness, 0.4F)};
    draw_streak(image, stroke, kOpaque * (0.4F + 0.6F * drop.nearness));
  }
  return Mutation::kChanged;
}

void register_weather(MutatorRegistry& registry) {
  registry.add<&fog>({.name = "fog",
                      .family = "weather",
                      .random = true,
                      .validity = "the object shows through, with less contrast",
                      .summary = "puts drifting fog before the scene"});
  registry.add<&snow>({.name = "snow",
                       .family = "weather",
                       .random = true,
                       .preserves = 4,
                       .validity = "a person looks past flakes that are small next to the object",
                       .summary = "lets snow fall before the scene"});
  registry.add<&rain>({.name = "rain",
                       .family = "weather",
                       .random = true,
                       .validity = "a person looks past thin translucent streaks",
                       .summary = "lets rain fall before the scene"});
}

}  // namespace faultline
