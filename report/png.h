// Inputs as 8-bit pictures, and PNG files of pictures. For the folder's own use: it shows OpenCV.
//
//   write_png("finding.png", enlarged(picture_of(input, bounds), 140));
#pragma once

#include <filesystem>
#include <opencv2/core.hpp>

#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// The highest level of 8 bits; the lowest is 0.
constexpr double kLevels = 255;

/// Throws Error (kUsage) that names `path` unless the input is [C, H, W] with C = 1 or 3 and sides that a picture may
/// have.
void check_is_picture(const std::filesystem::path& path, const Tensor& input);

/// Levels 0 .. 255 of values between the bounds, as float64, half to even.
[[nodiscard]] Tensor levels_of(const Tensor& inputs, const Bounds& bounds);

/// [C, H, W] levels as a picture that imgcodecs can write: 8 bits, interleaved, BGR.
[[nodiscard]] cv::Mat picture_of_levels(const Tensor& levels);

/// [C, H, W] values between the bounds as a picture.
[[nodiscard]] cv::Mat picture_of(const Tensor& input, const Bounds& bounds);

/// Enlarged by the smallest whole factor that gives at least that height; every pixel becomes a square.
[[nodiscard]] cv::Mat enlarged(const cv::Mat& picture, int least_height);

/// The bytes of a PNG file. Throws Error (kUsage) that begins with `name`.
[[nodiscard]] std::vector<unsigned char> png_bytes(const std::string& name, const cv::Mat& picture);

/// Writes a PNG whole or not at all. Throws Error (kUsage).
void write_png(const std::filesystem::path& path, const cv::Mat& picture);

}  // namespace faultline
