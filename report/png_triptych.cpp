#include "faultline/report/png_triptych.h"

#include <ATen/core/grad_mode.h>

#include <array>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <span>
#include <sstream>

#include "faultline/data/file.h"

namespace faultline {

namespace {

constexpr int kMinimumHeight = 140;
constexpr int kGutter = 8;
constexpr std::int64_t kLargestSide = 16384;
constexpr double kLevels = 255;

// Levels 0..255 of values between the bounds, as float64.
Tensor levels_of(const Tensor& inputs, const Bounds& bounds) {
  return ((inputs.to(at::kDouble) - bounds.lower) * (kLevels / (bounds.upper - bounds.lower)))
      .round_()
      .clamp_(0, kLevels);
}

// [C, H, W] levels as an image that imgcodecs can write: 8 bits, interleaved, BGR.
cv::Mat image_of(const Tensor& levels) {
  const Tensor planes = levels.to(at::kCPU).to(at::kByte);
  const Tensor rows = planes.flip({0}).permute({1, 2, 0}).contiguous();
  const int height = static_cast<int>(rows.size(0));
  const int width = static_cast<int>(rows.size(1));
  const int channels = static_cast<int>(rows.size(2));
  const cv::Mat borrowed(height, width, CV_8UC(channels), rows.data_ptr());
  return borrowed.clone();
}

// Zero becomes mid-gray, the largest change full black or white.
Tensor amplified(const Tensor& difference) {
  const double largest = difference.abs().max().item<double>();
  const double scale = largest > 0 ? 127 / largest : 0;
  return (difference * scale + 128).round_();
}

cv::Mat side_by_side(const std::vector<cv::Mat>& images) {
  const cv::Mat gutter(images.front().rows, kGutter, images.front().type(), cv::Scalar::all(kLevels));
  std::vector<cv::Mat> parts;
  for (const cv::Mat& image : images) {
    if (!parts.empty()) {
      parts.push_back(gutter);
    }
    parts.push_back(image);
  }
  cv::Mat joined;
  cv::hconcat(parts, joined);
  return joined;
}

cv::Mat enlarged(const cv::Mat& image) {
  const int factor = (kMinimumHeight + image.rows - 1) / image.rows;
  cv::Mat result;
  cv::resize(image, result, cv::Size(), factor, factor, cv::INTER_NEAREST);
  return result;
}

void check_shapes(const std::filesystem::path& path, const Tensor& clean, const Tensor& adversarial) {
  const bool image = clean.dim() == 3 && (clean.size(0) == 1 || clean.size(0) == 3) && clean.numel() > 0 &&
                     clean.size(1) <= kLargestSide && clean.size(2) <= kLargestSide;
  if (!image || clean.sizes() != adversarial.sizes()) {
    std::ostringstream shapes;
    shapes << clean.sizes() << " and " << adversarial.sizes();
    refuse(path.string(), "expected two images of shape [C, H, W] with C = 1 or 3 and sides up to " +
                              std::to_string(kLargestSide) + ", got " + shapes.str() +
                              "; export these samples as npy instead");
  }
}

}  // namespace

Tensor round_to_8_bits(const Tensor& inputs, const Bounds& bounds) {
  const at::NoGradGuard no_grad;
  // In float64 and divided first, as data readers do: the result is what they make of the level, to the last bit.
  const Tensor scaled = levels_of(inputs, bounds).div_(kLevels).mul_(bounds.upper - bounds.lower).add_(bounds.lower);
  return scaled.to(at::kFloat);
}

void write_png_triptych(const std::filesystem::path& path, const Tensor& clean, const Tensor& adversarial,
                        const Bounds& bounds) {
  const at::NoGradGuard no_grad;
  check_shapes(path, clean, adversarial);
  const cv::Mat first = enlarged(image_of(levels_of(clean, bounds)));
  const cv::Mat second = enlarged(image_of(levels_of(adversarial, bounds)));
  const cv::Mat third = enlarged(image_of(amplified(adversarial - clean)));
  std::vector<unsigned char> bytes;
  try {
    if (!cv::imencode(".png", side_by_side({first, second, third}), bytes)) {
      refuse(path.string(), "cannot encode the picture as PNG");
    }
  } catch (const cv::Exception& exception) {
    refuse(path.string(), std::string("cannot encode the picture as PNG: ") + exception.err);
  }
  write_file(path, std::array{std::as_bytes(std::span(bytes))});
}

}  // namespace faultline
