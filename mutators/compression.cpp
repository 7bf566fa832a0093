#include "faultline/mutators/compression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "faultline/core/mutator_registry.h"
#include "faultline/mutators/planes.h"

namespace faultline {

namespace {

constexpr int kLargestJpegSide = 65500;
constexpr std::array kResampleInterpolations{cv::INTER_LINEAR, cv::INTER_CUBIC, cv::INTER_NEAREST};

cv::Size reduced_size(Image image, double scale) {
  return {std::max(1, static_cast<int>(scale * image.width)), std::max(1, static_cast<int>(scale * image.height))};
}

/// For every pixel of an axis the one of the old axis that its centre lies in.
std::vector<int> nearest_places(int side, int new_side) {
  std::vector<int> places;
  places.reserve(static_cast<std::size_t>(new_side));
  for (std::int64_t place = 0; place < new_side; ++place) {
    places.push_back(static_cast<int>((2 * place + 1) * side / (2 * std::int64_t{new_side})));
  }
  return places;
}

/// OpenCV knows no nearest pixel that goes by centres and is the same in all its versions.
void resize_plane(const cv::Mat& plane, cv::Mat& resized, cv::Size size, int interpolation) {
  if (interpolation != cv::INTER_NEAREST) {
    cv::resize(plane, resized, size, 0, 0, interpolation);
    return;
  }
  resized.create(size, CV_32F);
  const std::vector<int> rows = nearest_places(plane.rows, size.height);
  const std::vector<int> columns = nearest_places(plane.cols, size.width);
  for (int y = 0; y < size.height; ++y) {
    const float* source = plane.ptr<float>(rows[static_cast<std::size_t>(y)]);
    std::ranges::transform(columns, resized.ptr<float>(y), [&](int column) { return source[column]; });
  }
}

void reduce_and_enlarge(Image image, cv::Size size, int down, int up) {
  cv::Mat reduced;
  for_each_plane(image, [&](cv::Mat& plane) {
    resize_plane(plane, reduced, size, down);
    resize_plane(reduced, plane, plane.size(), up);
  });
}

cv::Mat through_jpeg(const cv::Mat& picture, int quality) {
  std::vector<unsigned char> file;
  cv::imencode(".jpg", picture, file, {cv::IMWRITE_JPEG_QUALITY, quality});
  return cv::imdecode(file, picture.channels() == 3 ? cv::IMREAD_COLOR : cv::IMREAD_GRAYSCALE);
}

/// OpenCV takes and gives blue first.
void compress_colours(Image image, int quality) {
  std::vector<cv::Mat> planes(3);
  for (int channel = 0; channel < 3; ++channel) {
    plane_of(image, 2 - channel).convertTo(planes[static_cast<std::size_t>(channel)], CV_8U, 255);
  }
  cv::Mat picture;
  cv::merge(planes, picture);
  cv::split(through_jpeg(picture, quality), planes);
  for (int channel = 0; channel < 3; ++channel) {
    cv::Mat plane = plane_of(image, 2 - channel);
    planes[static_cast<std::size_t>(channel)].convertTo(plane, CV_32F, 1 / 255.0);
  }
}

}  // namespace

Mutation compress_jpeg(Image image, const JpegParameters& parameters, Draws& /*draws*/) {
  if (std::max(image.height, image.width) > kLargestJpegSide) {
    return Mutation::kSkipped;
  }
  if (image.channels == 3) {
    compress_colours(image, parameters.quality);
    return Mutation::kChanged;
  }
  for_each_plane(image, [&](cv::Mat& plane) {
    cv::Mat picture;
    plane.convertTo(picture, CV_8U, 255);
    through_jpeg(picture, parameters.quality).convertTo(plane, CV_32F, 1 / 255.0);
  });
  return Mutation::kChanged;
}

Mutation pixelate(Image image, const PixelateParameters& parameters, Draws& /*draws*/) {
  reduce_and_enlarge(image, reduced_size(image, parameters.scale), cv::INTER_AREA, cv::INTER_NEAREST);
  return Mutation::kChanged;
}

Mutation reduce_bit_depth(Image image, const BitDepthParameters& parameters, Draws& /*draws*/) {
  if (parameters.bits >= 24) {
    return Mutation::kChanged;
  }
  const double steps = std::exp2(parameters.bits) - 1;
  for (float& value : image.values()) {
    value = static_cast<float>(std::floor(value * steps + 0.5) / steps);
  }
  return Mutation::kChanged;
}

Mutation resample(Image image, const ResampleParameters& parameters, Draws& /*draws*/) {
  reduce_and_enlarge(image, reduced_size(image, parameters.scale),
                     kResampleInterpolations.at(static_cast<std::size_t>(parameters.down)),
                     kResampleInterpolations.at(static_cast<std::size_t>(parameters.up)));
  return Mutation::kChanged;
}

void register_compression(MutatorRegistry& registry) {
  const std::string family = "compression";
  registry.add<&compress_jpeg>({.name = "jpeg",
                                .family = family,
                                .preserves = 4,
                                .validity = "made so that a person sees little of it; small images lose their colours",
                                .summary = "writes and reads the image as JPEG"});
  registry.add<&pixelate>({.name = "pixelate",
                           .family = family,
                           .preserves = 4,
                           .validity = "12 squares a side still show a digit or an object",
                           .summary = "fewer, larger pixels"});
  registry.add<&reduce_bit_depth>({.name = "bit-depth",
                                   .family = family,
                                   .preserves = 4,
                                   .validity = "one bit an element leaves outlines only where the contrast is right",
                                   .summary = "fewer levels of brightness"});
  registry.add<&resample>({.name = "resample",
                           .family = family,
                           .preserves = 4,
                           .validity = "12 pixels a side still show a digit or an object; fewer lose thin strokes",
                           .summary = "reduces and enlarges the image"});
}

}  // namespace faultline
