// Where models run. The only file that asks whether CUDA is there.
#pragma once

#include <string>

#include <c10/core/Device.h>

namespace faultline {

/// "cpu", "cuda", "cuda:N" or "auto" (CUDA when there is one). Throws Error (kUsage) for other words and for a device
/// this machine or build does not have.
[[nodiscard]] c10::Device parse_device(const std::string& text);

}  // namespace faultline
