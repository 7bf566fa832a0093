// A faster way back through convolutions with few input channels, such as the first layer of an image classifier.
#pragma once

#include <memory>

#include "faultline/core/tensor.h"

namespace torch::jit {
struct Graph;
}

namespace faultline {

/// The gradient of conv2d (one group, no dilation) with respect to its input: gradient [N, O, OH, OW], weight
/// [O, C, KH, KW] -> [N, C, height, width], float32 on the CPU. A product with the transposed weight and a scatter per
/// sample; LibTorch's own kernel reaches a tenth of the processor's speed when C is 1 to 4 (docs/performance.md).
[[nodiscard]] Tensor convolution_input_gradient(const Tensor& gradient, const Tensor& weight, at::IntArrayRef stride,
                                                at::IntArrayRef padding, at::IntArrayRef input_size);

/// Lets the convolutions of a frozen graph whose weight is a float32 constant on the CPU with at most 4 input channels
/// (one group, no dilation) go back that way. Their outputs stay the same bits. Call it before the graph first runs.
void route_few_channel_convolutions(const std::shared_ptr<torch::jit::Graph>& graph);

}  // namespace faultline
