// A finding as a picture: clean, adversarial and amplified difference side by side. And what 8-bit files keep of it.
//
//   write_png_triptych("finding.png", clean, adversarial, Bounds{0, 1});
//   Tensor stored = round_to_8_bits(adversarial, Bounds{0, 1});
#pragma once

#include <filesystem>

#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// What an image file of 8 bits per channel keeps of the inputs ([...] float32, any shape): each value moved to the
/// nearest of the 256 levels between the bounds (half to even), and back in input units.
[[nodiscard]] Tensor round_to_8_bits(const Tensor& inputs, const Bounds& bounds);

/// The bytes of the picture that write_png_triptych() writes. Throws Error (kUsage) that begins with `name`.
[[nodiscard]] std::vector<unsigned char> png_triptych(const std::string& name, const Tensor& clean,
                                                      const Tensor& adversarial, const Bounds& bounds);

/// Writes a PNG with `clean` and `adversarial` ([C, H, W] float32, C = 1 or 3 in RGB order) and adversarial - clean,
/// zero as mid-gray and the largest difference as full range. Small images are enlarged by a whole factor to at least
/// 140 pixels of height. The file appears complete or not at all. Throws Error (kUsage) when the shapes differ or are
/// no image, or when the file cannot be written.
void write_png_triptych(const std::filesystem::path& path, const Tensor& clean, const Tensor& adversarial,
                        const Bounds& bounds);

}  // namespace faultline
