#include "faultline/report/png.h"

#include <array>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <span>
#include <sstream>
#include <vector>

#include "faultline/data/file.h"

namespace faultline {

namespace {

constexpr std::int64_t kLargestSide = 16384;
constexpr int kSmallest = 9;  // of zlib's levels

}  // namespace

void check_is_picture(const std::filesystem::path& path, const Tensor& input) {
  const bool picture = input.dim() == 3 && (input.size(0) == 1 || input.size(0) == 3) && input.numel() > 0 &&
                       input.size(1) <= kLargestSide && input.size(2) <= kLargestSide;
  if (!picture) {
    std::ostringstream shape;
    shape << input.sizes();
    refuse(path.string(), "expected an image of shape [C, H, W] with C = 1 or 3 and sides up to " +
                              std::to_string(kLargestSide) + ", got " + shape.str());
  }
}

Tensor levels_of(const Tensor& inputs, const Bounds& bounds) {
  return ((inputs.to(at::kDouble) - bounds.lower) * (kLevels / (bounds.upper - bounds.lower)))
      .round_()
      .clamp_(0, kLevels);
}

cv::Mat picture_of_levels(const Tensor& levels) {
  const Tensor planes = levels.to(at::kCPU).to(at::kByte);
  const Tensor rows = planes.flip({0}).permute({1, 2, 0}).contiguous();
  const int height = static_cast<int>(rows.size(0));
  const int width = static_cast<int>(rows.size(1));
  const int channels = static_cast<int>(rows.size(2));
  const cv::Mat borrowed(height, width, CV_8UC(channels), rows.data_ptr());
  return borrowed.clone();
}

cv::Mat picture_of(const Tensor& input, const Bounds& bounds) { return picture_of_levels(levels_of(input, bounds)); }

cv::Mat enlarged(const cv::Mat& picture, int least_height) {
  const int factor = (least_height + picture.rows - 1) / picture.rows;
  cv::Mat result;
  cv::resize(picture, result, cv::Size(), factor, factor, cv::INTER_NEAREST);
  return result;
}

std::vector<unsigned char> png_bytes(const std::string& name, const cv::Mat& picture) {
  std::vector<unsigned char> bytes;
  try {
    if (!cv::imencode(".png", picture, bytes, {cv::IMWRITE_PNG_COMPRESSION, kSmallest})) {
      refuse(name, "cannot encode the picture as PNG");
    }
  } catch (const cv::Exception& exception) {
    refuse(name, std::string("cannot encode the picture as PNG: ") + exception.err);
  }
  return bytes;
}

void write_png(const std::filesystem::path& path, const cv::Mat& picture) {
  const std::vector<unsigned char> bytes = png_bytes(path.string(), picture);
  write_file(path, std::array{std::as_bytes(std::span(bytes))});
}

}  // namespace faultline
