#include "faultline/mutators/frost.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <opencv2/imgproc.hpp>

#include "faultline/mutators/colours.h"
#include "faultline/mutators/filters.h"
#include "faultline/mutators/strokes.h"

namespace faultline {

namespace {

constexpr Colour kIce = {0.84F, 0.93F, 1};
constexpr float kSixty = std::numbers::pi_v<float> / 3;

/// A straight needle of ice; the sides of needles are 60 degrees apart, as in any crystal of ice.
struct Needle {
  cv::Point2f root;
  float radians = 0;
  float length = 0;  // pixels
  float brightness = 1;
};

/// Ridged multifractal noise (Musgrave): sharp bright crests at every scale, finer ones along the coarser.
cv::Mat ridged_noise(int height, int width, Draws& draws) {
  cv::Mat sum = cv::Mat::zeros(height, width, CV_32F);
  cv::Mat weight = cv::Mat::ones(height, width, CV_32F);
  float amplitude = 0.5F;
  for (int cells = 3; cells <= std::max(6, std::min(height, width) / 2); cells *= 2) {
    cv::Mat smooth;
    cv::resize(normal_field(cells + 1, cells + 1, draws), smooth, {width, height}, 0, 0, cv::INTER_CUBIC);
    cv::Mat crest = 1 - cv::min(cv::abs(smooth), 1);
    crest = crest.mul(crest).mul(weight);
    sum += amplitude * crest;
    weight = cv::min(2 * crest, 1);
    amplitude /= 2;
  }
  return sum;
}

/// Draws the needle and, to both sides, smaller needles that grow from it, shorter towards its tip.
void grow(cv::Mat& ice, const Needle& needle, int generations, Draws& draws) {
  const auto side = static_cast<float>(std::min(ice.rows, ice.cols));
  const cv::Point2f along(std::cos(needle.radians), std::sin(needle.radians));
  const Stroke stroke{.from = needle.root,
                      .to = needle.root + along * needle.length,
                      .width = std::max(0.012F * side * needle.brightness, 0.7F)};
  for_each_covered(stroke, ice.rows, ice.cols, [&](int y, int x, float share) {
    float& value = ice.ptr<float>(y)[x];
    value += share * needle.brightness * (1 - value);
  });
  if (generations == 0) {
    return;
  }
  const float spacing = std::max(0.018F * side, 2.0F);
  for (float place = spacing; place < needle.length; place += spacing * (0.6F + 0.8F * draws.uniform())) {
    for (const float turn : {-kSixty, kSixty}) {
      const float reach = (needle.length - place) * (0.15F + 0.5F * draws.uniform());
      const float brightness = needle.brightness * (0.35F + 0.45F * draws.uniform());
      if (reach > 1) {
        grow(ice, {needle.root + along * place, needle.radians + turn, reach, brightness}, generations - 1, draws);
      }
    }
  }
}

/// A needle at a drawn place of the edge, that grows inwards.
Needle drawn_root(int height, int width, Draws& draws) {
  const auto side = static_cast<float>(std::min(height, width));
  const float around = draws.uniform() * 2 * static_cast<float>(height + width);
  const float tilt = (draws.uniform() - 0.5F) * 1.6F;
  const float length = side * (0.15F + 0.5F * draws.uniform() * draws.uniform());
  const float brightness = 0.6F + 0.4F * draws.uniform();
  const auto right = static_cast<float>(width);
  const auto bottom = static_cast<float>(height);
  constexpr float kQuarter = std::numbers::pi_v<float> / 2;
  if (around < right) {
    return {{around, -1}, kQuarter + tilt, length, brightness};
  }
  if (around < 2 * right) {
    return {{around - right, bottom}, -kQuarter + tilt, length, brightness};
  }
  if (around < 2 * right + bottom) {
    return {{-1, around - 2 * right}, tilt, length, brightness};
  }
  return {{right, around - 2 * right - bottom}, 2 * kQuarter + tilt, length, brightness};
}

}  // namespace

cv::Mat frost_texture(int height, int width, Draws& draws) {
  constexpr int kRoots = 50;
  const cv::Mat ground = ridged_noise(height, width, draws);
  cv::Mat needles = cv::Mat::zeros(height, width, CV_32F);
  for (int i = 0; i < kRoots; ++i) {
    grow(needles, drawn_root(height, width, draws), /*generations=*/2, draws);
  }
  cv::Mat haze = needles.clone();
  gaussian_blur(haze, 0.02 * std::min(height, width));
  const cv::Mat thickness = 0.5 * ground + 0.5 * haze + 0.9 * needles;
  cv::Mat clear;  // thick ice tends to white, so that needles show on it
  cv::exp(-1.1 * thickness, clear);
  return 1 - clear;
}

Mutation frost(Image image, const FrostParameters& parameters, Draws& draws) {
  if (parameters.add <= 0 && parameters.keep >= 1) {
    return Mutation::kChanged;
  }
  const cv::Mat ice = frost_texture(image.height, image.width, draws);
  const auto keep = static_cast<float>(parameters.keep);
  for (int channel = 0; channel < image.channels; ++channel) {
    const float bright = static_cast<float>(parameters.add) * tone(kIce, image, channel);
    const auto* texture = ice.ptr<float>();
    for (float& value : image.plane(channel)) {
      value = keep * value + bright * *texture++;
    }
  }
  return Mutation::kChanged;
}

void register_frost(MutatorRegistry& registry) {
  registry.add<&frost>({.name = "frost",
                        .family = "weather",
                        .random = true,
                        .preserves = 4,
                        .validity = "the object shows through thin ice",
                        .summary = "covers the picture with ice flowers"});
}

}  // namespace faultline
