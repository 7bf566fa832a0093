#include "faultline/targets/device.h"

#include "faultline/core/error.h"
#include "faultline/core/number.h"

namespace faultline {

c10::Device parse_device(const std::string& text) {
  const long available = at::hasCUDA() ? static_cast<long>(at::detail::getCUDAHooks().deviceCount()) : 0;
  if (text == "auto") {
    return available > 0 ? c10::Device(c10::kCUDA, 0) : c10::Device(c10::kCPU);
  }
  if (text == "cpu") {
    return c10::Device(c10::kCPU);
  }
  if (text != "cuda" && !text.starts_with("cuda:")) {
    throw Error{ErrorCode::kUsage, "--device: expected cpu, cuda, cuda:N or auto, got '" + text + "'"};
  }
  const long long number = text == "cuda" ? 0 : parse_integer(std::string_view(text).substr(5), "--device cuda");
  if (number < 0 || number >= available) {
    throw Error{ErrorCode::kUsage, "--device: " + text + " is not available here: this LibTorch sees " +
                                       std::to_string(available) + " CUDA device(s); use --device cpu"};
  }
  return {c10::kCUDA, static_cast<c10::DeviceIndex>(number)};
}

}  // namespace faultline
