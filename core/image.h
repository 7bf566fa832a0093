// An image in memory that somebody else owns.
// Must not depend on OpenCV: the folders that transform images do.
//
//   Image image = image_of(inputs[0]);          // [C, H, W] float32, contiguous, on the CPU
//   for (float& value : image.plane(0)) { ... }
#pragma once

#include <cstdint>
#include <span>

#include "faultline/core/tensor.h"

namespace faultline {

/// A planar view [C, H, W] of float32 values, row-major. 0 is black and 1 is white.
struct Image {
  float* data = nullptr;
  int channels = 0;
  int height = 0;
  int width = 0;
  const float* gradient = nullptr;  ///< Of a model at the clean input, laid out as data; null: nobody asked a model.

  /// Values of one plane.
  [[nodiscard]] std::int64_t area() const { return std::int64_t{height} * width; }
  [[nodiscard]] std::span<float> values() const { return {data, static_cast<std::size_t>(channels * area())}; }
  [[nodiscard]] std::span<float> plane(int channel) const {
    return {data + channel * area(), static_cast<std::size_t>(area())};
  }
};

/// The view of a contiguous float32 tensor [C, H, W] on the CPU.
[[nodiscard]] Image image_of(const Tensor& tensor);

}  // namespace faultline
