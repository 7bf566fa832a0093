#include "faultline/report/png_triptych.h"

#include <ATen/core/grad_mode.h>

#include <opencv2/core.hpp>
#include <sstream>

#include "faultline/data/file.h"
#include "faultline/report/png.h"

namespace faultline {

namespace {

constexpr int kMinimumHeight = 140;
constexpr int kGutter = 8;

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

void check_shapes(const std::filesystem::path& path, const Tensor& clean, const Tensor& adversarial) {
  check_is_picture(path, clean);
  if (clean.sizes() != adversarial.sizes()) {
    std::ostringstream shapes;
    shapes << clean.sizes() << " and " << adversarial.sizes();
    refuse(path.string(), "expected two images of one shape, got " + shapes.str());
  }
}

}  // namespace

Tensor round_to_8_bits(const Tensor& inputs, const Bounds& bounds) {
  const at::NoGradGuard no_grad;
  // In float64 and divided first, as data readers do: the result is what they make of the level, to the last bit.
  const Tensor scaled = levels_of(inputs, bounds).div_(kLevels).mul_(bounds.upper - bounds.lower).add_(bounds.lower);
  return scaled.to(at::kFloat);
}

std::vector<unsigned char> png_triptych(const std::string& name, const Tensor& clean, const Tensor& adversarial,
                                        const Bounds& bounds) {
  const at::NoGradGuard no_grad;
  check_shapes(name, clean, adversarial);
  const cv::Mat first = enlarged(picture_of(clean, bounds), kMinimumHeight);
  const cv::Mat second = enlarged(picture_of(adversarial, bounds), kMinimumHeight);
  const cv::Mat third = enlarged(picture_of_levels(amplified(adversarial - clean)), kMinimumHeight);
  return png_bytes(name, side_by_side({first, second, third}));
}

void write_png_triptych(const std::filesystem::path& path, const Tensor& clean, const Tensor& adversarial,
                        const Bounds& bounds) {
  const std::vector<unsigned char> bytes = png_triptych(path.string(), clean, adversarial, bounds);
  write_file(path, std::array{std::as_bytes(std::span(bytes))});
}

}  // namespace faultline
