// Image files as tensors: decoding, resizing and cropping. The only place that uses OpenCV's decoders.
//
//   const Tensor pixels = crop_center(resize_antialiased(decode_image("cat.jpg"), 256, 256), 224, 224, "cat.jpg");
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "faultline/core/tensor.h"

namespace faultline {

/// Whether the name ends as an image file's does (.png, .jpg, .jpeg, .bmp, .ppm, .pgm, .tif, .tiff, .webp; any case).
[[nodiscard]] bool is_image_name(const std::filesystem::path& path);

/// The pixels as [3, H, W] uint8, RGB, turned upright as EXIF says; gray images get three equal channels, alpha is
/// dropped. Throws Error (kUsage) naming the file when it is no whole image.
[[nodiscard]] Tensor decode_image(const std::filesystem::path& path);

/// [3, H, W] uint8 -> [3, height, width] uint8, bilinear with antialiasing, as torchvision and PIL resize images.
[[nodiscard]] Tensor resize_antialiased(const Tensor& image, std::int64_t height, std::int64_t width);

/// The middle [3, height, width] of [3, H, W], placed as torchvision's CenterCrop does.
/// Throws Error (kUsage) naming the file when the image is smaller.
[[nodiscard]] Tensor crop_center(const Tensor& image, std::int64_t height, std::int64_t width, const std::string& name);

}  // namespace faultline
