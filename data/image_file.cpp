#include "faultline/data/image_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string_view>

#include "faultline/core/error.h"
#include "faultline/data/file.h"

namespace faultline {

namespace {

/// The JPEG decoder fills what is missing with gray and only warns, so the end marker is looked for here.
void refuse_truncated_jpeg(Bytes bytes, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with("\xff\xd8\xff")) {
    return;
  }
  const std::size_t last_scan = text.rfind("\xff\xda");
  if (last_scan == std::string_view::npos || text.find("\xff\xd9", last_scan) == std::string_view::npos) {
    refuse(name, "truncated: the JPEG image has no end; replace or remove the file");
  }
}

cv::Mat decode(Bytes bytes, const std::string& name) {
  const cv::Mat packed(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<std::byte*>(bytes.data()));
  try {
    return cv::imdecode(packed, cv::IMREAD_COLOR);
  } catch (const cv::Exception& error) {  // OpenCV reports some damaged images this way
    refuse(name, "cannot be decoded as an image: " + error.err);
  }
}

}  // namespace

bool is_image_name(const std::filesystem::path& path) {
  static constexpr std::array<std::string_view, 9> kSuffixes = {".png", ".jpg", ".jpeg", ".bmp", ".ppm",
                                                                ".pgm", ".tif", ".tiff", ".webp"};
  std::string suffix = path.extension().string();
  std::ranges::transform(suffix, suffix.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::ranges::find(kSuffixes, suffix) != kSuffixes.end();
}

Tensor decode_image(const std::filesystem::path& path) {
  const MappedFile file(path);
  const std::string name = path.string();
  if (file.bytes().size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    refuse(name, "is larger than 2 GiB; expected an image");
  }
  refuse_truncated_jpeg(file.bytes(), name);
  const cv::Mat image = decode(file.bytes(), name);
  if (image.empty() || image.type() != CV_8UC3) {
    refuse(name, "cannot be decoded as an image; replace or remove the file");
  }
  const Tensor interleaved = at::from_blob(image.data, {image.rows, image.cols, 3},
                                           {static_cast<std::int64_t>(image.step[0]), 3, 1}, at::kByte);
  return interleaved.permute({2, 0, 1}).flip(0).contiguous();  // OpenCV's order is blue, green, red
}

Tensor resize_antialiased(const Tensor& image, std::int64_t height, std::int64_t width) {
  if (image.size(1) == height && image.size(2) == width) {
    return image;
  }
  return at::_upsample_bilinear2d_aa(image.unsqueeze(0), {height, width}, /*align_corners=*/false)
      .squeeze(0)
      .contiguous();
}

Tensor crop_center(const Tensor& image, std::int64_t height, std::int64_t width, const std::string& name) {
  const std::int64_t spare_height = image.size(1) - height;
  const std::int64_t spare_width = image.size(2) - width;
  if (spare_height < 0 || spare_width < 0) {
    refuse(name, "is " + std::to_string(image.size(1)) + "x" + std::to_string(image.size(2)) +
                     ", smaller than --crop " + std::to_string(height) + "x" + std::to_string(width) +
                     "; add --resize or lower --crop");
  }
  // Halves go to the even neighbour, as Python's round() does.
  const auto half = [](std::int64_t spare) {
    return static_cast<std::int64_t>(std::nearbyint(static_cast<double>(spare) / 2));
  };
  return image.narrow(1, half(spare_height), height).narrow(2, half(spare_width), width).contiguous();
}

}  // namespace faultline
