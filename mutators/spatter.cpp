#include "faultline/mutators/spatter.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "faultline/mutators/colours.h"
#include "faultline/mutators/filters.h"

namespace faultline {

namespace {

constexpr Colour kWater = {175 / 255.0F, 238 / 255.0F, 238 / 255.0F};
constexpr Colour kMud = {63 / 255.0F, 42 / 255.0F, 20 / 255.0F};
constexpr int kOuterPixels = cv::BORDER_REFLECT_101 | cv::BORDER_ISOLATED;

/// CV_8U: values of a CV_32F plane, times `scale`, without what follows the point.
cv::Mat bytes_of(const cv::Mat& plane, float scale) {
  cv::Mat bytes(plane.size(), CV_8U);
  std::transform(plane.begin<float>(), plane.end<float>(), bytes.begin<std::uint8_t>(),
                 [&](float value) { return static_cast<std::uint8_t>(std::clamp(value * scale, 0.0F, 255.0F)); });
  return bytes;
}

/// 0..255: light and shade on the drops, from the distance to their edges.
cv::Mat embossed_edges(const cv::Mat& liquid) {
  constexpr double kFarthest = 20;
  cv::Mat edges;
  cv::Canny(liquid, edges, 50, 150);
  cv::Mat distance;
  cv::distanceTransform(255 - edges, distance, cv::DIST_L2, cv::DIST_MASK_5);
  cv::Mat near = cv::min(distance, kFarthest);
  cv::Mat smooth;
  cv::blur(near, smooth, {3, 3}, {-1, -1}, kOuterPixels);
  cv::Mat level;
  cv::equalizeHist(bytes_of(smooth, 1), level);
  const cv::Matx33f emboss(-2, -1, 0, -1, 1, 1, 0, 1, 2);
  cv::Mat shaded;
  cv::filter2D(level, shaded, CV_8U, emboss, {-1, -1}, 0, kOuterPixels);
  cv::Mat relief;
  cv::blur(shaded, relief, {3, 3}, {-1, -1}, kOuterPixels);
  return relief;
}

/// How much water colour is added where: 0 without liquid, `strength` at most.
cv::Mat water_layer(const cv::Mat& liquid, double strength) {
  const cv::Mat bytes = bytes_of(liquid, 255);
  cv::Mat layer;
  cv::multiply(bytes, embossed_edges(bytes), layer, 1, CV_32F);
  double most = 0;
  cv::minMaxLoc(layer, nullptr, &most);
  layer *= most > 0 ? strength / most : 0;
  return layer;
}

/// The share of mud in each pixel: 0, or 0.8 .. 1.
cv::Mat mud_layer(const cv::Mat& liquid, double edge) {
  cv::Mat layer;
  cv::threshold(liquid, layer, 0, 1, cv::THRESH_BINARY);
  gaussian_blur(layer, edge);
  cv::Mat dense;
  cv::threshold(layer, dense, 0.8, 1, cv::THRESH_TOZERO);
  return dense;
}

}  // namespace

Mutation spatter(Image image, const SpatterParameters& parameters, Draws& draws) {
  if (parameters.sd <= 0 && parameters.mean <= parameters.threshold) {
    return Mutation::kChanged;
  }
  cv::Mat noise = normal_field(image.height, image.width, draws);
  noise = noise * parameters.sd + parameters.mean;
  gaussian_blur(noise, parameters.blur);
  cv::Mat liquid;
  cv::threshold(noise, liquid, parameters.threshold, 1, cv::THRESH_TOZERO);
  const bool mud = parameters.mud != 0;
  const cv::Mat layer = mud ? mud_layer(liquid, parameters.strength) : water_layer(liquid, parameters.strength);
  const auto* share = layer.ptr<float>();
  for (int channel = 0; channel < image.channels; ++channel) {
    const float colour = tone(mud ? kMud : kWater, image, channel);
    const float kept = mud ? 1.0F : 0.0F;  // of the part of the image that the layer takes
    std::size_t i = 0;
    for (float& value : image.plane(channel)) {
      value += share[i++] * (colour - kept * value);
    }
  }
  return Mutation::kChanged;
}

void register_spatter(MutatorRegistry& registry) {
  registry.add<&spatter>({.name = "spatter",
                          .family = "occlusion",
                          .random = true,
                          .least_side = 3,
                          .preserves = 4,
                          .validity = "a person looks past drops that are small next to the object",
                          .summary = "puts drops of water or mud on the lens"});
}

}  // namespace faultline
