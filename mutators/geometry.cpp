#include "faultline/mutators/geometry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "faultline/mutators/warp.h"

namespace faultline {

namespace {

constexpr double kRadiansPerDegree = std::numbers::pi / 180;

/// Black outside. `origin` takes the offset of a pixel from the centre to the offset of what it shows.
void warp_about_centre(Image image, const cv::Matx22d& origin) {
  const Place centre{.x = (image.width - 1) / 2.0, .y = (image.height - 1) / 2.0};
  warp(image, Outside::kBlack, [&](int x, int y) {
    const cv::Vec2d from = origin * cv::Vec2d(x - centre.x, y - centre.y);
    return Place{.x = centre.x + from[0], .y = centre.y + from[1]};
  });
}

/// Cosine and sine, exact for quarter turns.
Place direction_of(double degrees) {
  constexpr std::array<Place, 4> kQuarters{{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}};
  const double quarters = degrees / 90;
  if (quarters == std::round(quarters)) {
    const int turn = static_cast<int>(std::fmod(quarters, 4));
    return kQuarters[static_cast<std::size_t>((turn + 4) % 4)];
  }
  return {.x = std::cos(degrees * kRadiansPerDegree), .y = std::sin(degrees * kRadiansPerDegree)};
}

cv::Point2f jittered_point(cv::Point2f point, double reach_x, double reach_y, Draws& draws) {
  const double dx = draws.between(-reach_x, reach_x);
  const double dy = draws.between(-reach_y, reach_y);
  return {static_cast<float>(point.x + dx), static_cast<float>(point.y + dy)};
}

/// The affine transform that takes three points about the centre, jittered, back to where they were.
cv::Matx23d drawn_affine(Image image, double reach, Draws& draws) {
  const auto third = static_cast<float>(std::min(image.height, image.width) / 3);
  const cv::Point2f centre(static_cast<float>(image.width / 2), static_cast<float>(image.height / 2));
  const std::array<cv::Point2f, 3> points{{{centre.x + third, centre.y + third},
                                           {centre.x + third, centre.y - third},
                                           {centre.x - third, centre.y - third}}};
  std::array<cv::Point2f, 3> jittered{};
  for (std::size_t i = 0; i < points.size(); ++i) {
    jittered[i] = jittered_point(points[i], reach, reach, draws);
  }
  return cv::getAffineTransform(jittered.data(), points.data());
}

/// Uniform in -1 .. 1, smoothed, times alpha.
cv::Mat displacement_field(Image image, const ElasticParameters& parameters, Draws& draws) {
  cv::Mat noise(image.height, image.width, CV_32F);
  draws.fill_uniform({noise.ptr<float>(), noise.total()});
  noise = noise * 2 - 1;
  const int radius = static_cast<int>(3 * parameters.sd + 0.5);
  if (radius == 0) {
    return noise * parameters.alpha;
  }
  cv::Mat field;
  cv::GaussianBlur(noise, field, {2 * radius + 1, 2 * radius + 1}, parameters.sd, parameters.sd, cv::BORDER_REFLECT);
  return field * parameters.alpha;
}

void blacken(Image image, const cv::Rect& margin) {
  for (int channel = 0; channel < image.channels; ++channel) {
    for (int y = margin.y; y < margin.y + margin.height; ++y) {
      std::fill_n(image.plane(channel).begin() + std::int64_t{y} * image.width + margin.x, margin.width, 0.0F);
    }
  }
}

}  // namespace

Mutation translate(Image image, const TranslateParameters& parameters, Draws& /*draws*/) {
  if (parameters.dx != 0 || parameters.dy != 0) {
    warp(image, Outside::kBlack, [&](int x, int y) { return Place{.x = x - parameters.dx, .y = y - parameters.dy}; });
  }
  return Mutation::kChanged;
}

Mutation rotate(Image image, const RotateParameters& parameters, Draws& /*draws*/) {
  if (parameters.degrees != 0) {
    const auto [cosine, sine] = direction_of(parameters.degrees);
    warp_about_centre(image, {cosine, -sine, sine, cosine});
  }
  return Mutation::kChanged;
}

Mutation magnify(Image image, const MagnifyParameters& parameters, Draws& /*draws*/) {
  if (parameters.factor != 1) {
    const double step = parameters.direction == Sizing::kMagnify ? 1 / parameters.factor : parameters.factor;
    warp_about_centre(image, {step, 0, 0, step});
  }
  return Mutation::kChanged;
}

Mutation shear(Image image, const ShearParameters& parameters, Draws& /*draws*/) {
  if (parameters.degrees != 0 || parameters.vertical != 0) {
    // Forward: x' = x - lean y, y' = y - rise x'.
    const double lean = std::tan(parameters.degrees * kRadiansPerDegree);
    const double rise = std::tan(parameters.vertical * kRadiansPerDegree);
    warp_about_centre(image, {1 + lean * rise, lean, rise, 1});
  }
  return Mutation::kChanged;
}

Mutation perspective(Image image, const PerspectiveParameters& parameters, Draws& draws) {
  if (parameters.jitter == 0) {
    return Mutation::kChanged;
  }
  // The corners are those of the outermost pixels, so that a single row has four too.
  const float right = static_cast<float>(image.width) - 0.5F;
  const float bottom = static_cast<float>(image.height) - 0.5F;
  const std::array<cv::Point2f, 4> corners{{{-0.5F, -0.5F}, {right, -0.5F}, {right, bottom}, {-0.5F, bottom}}};
  std::array<cv::Point2f, 4> jittered{};
  for (std::size_t i = 0; i < corners.size(); ++i) {
    jittered[i] = jittered_point(corners[i], parameters.jitter * image.width, parameters.jitter * image.height, draws);
  }
  // Inverted, and not found the other way round: so the third coordinate is positive wherever there is something.
  const cv::Matx33d origin = cv::Matx33d(cv::getPerspectiveTransform(corners.data(), jittered.data())).inv();
  warp(image, Outside::kBlack, [&](int x, int y) {
    const cv::Vec3d from = origin * cv::Vec3d(x, y, 1);
    constexpr Place kBehind{.x = -2, .y = -2};  // beyond the horizon there is nothing to see
    return from[2] > 0 ? Place{.x = from[0] / from[2], .y = from[1] / from[2]} : kBehind;
  });
  return Mutation::kChanged;
}

Mutation flip(Image image, const FlipParameters& parameters, Draws& /*draws*/) {
  for (int channel = 0; channel < image.channels; ++channel) {
    const auto rows = image.plane(channel).begin();
    for (int y = 0; y < image.height && parameters.axis == FlipAxis::kHorizontal; ++y) {
      std::reverse(rows + std::int64_t{y} * image.width, rows + (std::int64_t{y} + 1) * image.width);
    }
    for (int y = 0; y < image.height / 2 && parameters.axis == FlipAxis::kVertical; ++y) {
      std::swap_ranges(rows + std::int64_t{y} * image.width, rows + (std::int64_t{y} + 1) * image.width,
                       rows + (std::int64_t{image.height} - 1 - y) * image.width);
    }
  }
  return Mutation::kChanged;
}

Mutation elastic(Image image, const ElasticParameters& parameters, Draws& draws) {
  if (parameters.alpha == 0 && parameters.affine == 0) {
    return Mutation::kChanged;
  }
  const cv::Matx23d affine = drawn_affine(image, parameters.affine, draws);
  const cv::Mat dx = displacement_field(image, parameters, draws);
  const cv::Mat dy = displacement_field(image, parameters, draws);
  if (parameters.affine != 0) {
    warp(image, Outside::kReflect101, [&](int x, int y) {
      const cv::Vec2d from = affine * cv::Vec3d(x, y, 1);
      return Place{.x = from[0], .y = from[1]};
    });
  }
  if (parameters.alpha != 0) {
    warp(image, Outside::kReflect, [&](int x, int y) {
      return Place{.x = x + static_cast<double>(dx.at<float>(y, x)), .y = y + static_cast<double>(dy.at<float>(y, x))};
    });
  }
  return Mutation::kChanged;
}

Mutation crop_and_pad(Image image, const CropAndPadParameters& parameters, Draws& draws) {
  const int sides = 1 + draws.below(8);  // two digits of base 3, not both 0: none, first or second side of each axis
  const int across = sides % 3;
  const int along = sides / 3;
  const int columns = across == 0 ? 0 : static_cast<int>(std::lround(parameters.share * image.width));
  const int rows = along == 0 ? 0 : static_cast<int>(std::lround(parameters.share * image.height));
  if (columns == 0 && rows == 0) {
    return parameters.share == 0 ? Mutation::kChanged : Mutation::kSkipped;
  }
  blacken(image, {across == 1 ? 0 : image.width - columns, 0, columns, image.height});
  blacken(image, {0, along == 1 ? 0 : image.height - rows, image.width, rows});
  return Mutation::kChanged;
}

void register_geometry(MutatorRegistry& registry) {
  const std::string family = "geometry";
  registry.add<&translate>({.name = "translate",
                            .family = family,
                            .preserves = 4,
                            .validity = "what is near the middle stays in view up to an eighth of the side",
                            .summary = "moves the image"});
  registry.add<&rotate>({.name = "rotate",
                         .family = family,
                         .preserves = 4,
                         .validity = "turned digits and objects are read up to about 20 degrees; 6 and 9 change places "
                                     "near 180",
                         .summary = "turns the image about its centre"});
  registry.add<&magnify>({.name = "scale",
                          .family = family,
                          .preserves = 4,
                          .validity = "what fills the image loses its outline when magnified by more than about 1.4",
                          .summary = "magnifies or shrinks the image about its centre"});
  registry.add<&shear>({.name = "shear",
                        .family = family,
                        .preserves = 4,
                        .validity = "slanted handwriting is read up to about 20 degrees; with both slants at their "
                                    "strongest, digits begin to look like others",
                        .summary = "slants the image sideways and upwards"});
  registry.add<&perspective>({.name = "perspective",
                              .family = family,
                              .random = true,
                              .preserves = 4,
                              .validity = "a tilted plane is read well; the strongest tilts take a corner out of view",
                              .summary = "looks at the image as at a tilted plane"});
  registry.add<&flip>({.name = "flip",
                       .family = family,
                       .preserves = 0,
                       .validity = "depends on the data: a mirrored cat is a cat, a mirrored 2 is no digit",
                       .summary = "mirrors the image"});
  registry.add<&elastic>({.name = "elastic",
                          .family = family,
                          .random = true,
                          .least_side = 3,
                          .preserves = 4,
                          .validity = "like another hand or a rippled sheet; the strongest breaks thin strokes",
                          .summary = "distorts the image as drawn on rubber"});
  registry.add<&crop_and_pad>({.name = "crop-and-pad",
                               .family = family,
                               .random = true,
                               .preserves = 3,
                               .validity =
                                   "up to a quarter of a side is margin in most images; beyond it the part that "
                                   "tells two classes apart may be gone",
                               .summary = "blackens margins of the image"});
}

}  // namespace faultline
