#include "faultline/targets/few_channel_convolution.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/library.h>
#include <torch/script.h>

#include "faultline/core/error.h"

namespace faultline {

namespace {

constexpr std::int64_t kFewChannels = 4;
constexpr const char* kOperator = "faultline::few_channel_conv2d";

/// What scattering one sample's columns back into its image needs.
struct Geometry {
  std::int64_t channels, height, width;  // of the image
  std::int64_t kernel_height, kernel_width;
  std::int64_t out_height, out_width;  // of the convolution's output
  std::int64_t stride_y, stride_x, padding_y, padding_x;
};

/// The outputs whose window position `offset` - padding + output * stride falls inside [0, size): [first, last).
std::pair<std::int64_t, std::int64_t> reach(std::int64_t offset, std::int64_t stride, std::int64_t size,
                                            std::int64_t outputs) {
  const std::int64_t first = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
  const std::int64_t last = offset >= size ? 0 : (size - 1 - offset) / stride + 1;
  return {first, std::min(last, outputs)};
}

/// image[c, y, x] += columns[(c, ky, kx), (oy, ox)] over all windows that cover (y, x).
void scatter_columns(const float* columns, float* image, const Geometry& g) {
  for (std::int64_t c = 0; c < g.channels; ++c) {
    for (std::int64_t ky = 0; ky < g.kernel_height; ++ky) {
      const auto [oy_first, oy_last] = reach(ky - g.padding_y, g.stride_y, g.height, g.out_height);
      for (std::int64_t kx = 0; kx < g.kernel_width; ++kx, columns += g.out_height * g.out_width) {
        const auto [ox_first, ox_last] = reach(kx - g.padding_x, g.stride_x, g.width, g.out_width);
        for (std::int64_t oy = oy_first; oy < oy_last; ++oy) {
          const float* from = columns + oy * g.out_width;
          float* to = image + (c * g.height + oy * g.stride_y + ky - g.padding_y) * g.width + kx - g.padding_x;
          for (std::int64_t ox = ox_first; ox < ox_last; ++ox) {
            to[ox * g.stride_x] += from[ox];
          }
        }
      }
    }
  }
}

/// LibTorch's convolution with a backward of our own.
class FewChannelConvolution : public torch::autograd::Function<FewChannelConvolution> {
 public:
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& input, const Tensor& weight,
                        const std::optional<Tensor>& bias, const std::vector<std::int64_t>& stride,
                        const std::vector<std::int64_t>& padding) {
    context->saved_data["weight"] = weight;
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    context->saved_data["size"] = input.sizes().vec();
    return at::conv2d(input, weight, bias, stride, padding);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const Tensor gradient = convolution_input_gradient(
        gradients[0], context->saved_data["weight"].toTensor(), context->saved_data["stride"].toIntVector(),
        context->saved_data["padding"].toIntVector(), context->saved_data["size"].toIntVector());
    return {gradient, {}, {}, {}, {}};
  }
};

Tensor few_channel_conv2d(const Tensor& input, const Tensor& weight, const std::optional<Tensor>& bias,
                          std::vector<std::int64_t> stride, std::vector<std::int64_t> padding) {
  return FewChannelConvolution::apply(input, weight, bias, stride, padding);
}

/// LibTorch's table of operators is its own; ours enters it when the first model is loaded.
void register_operator() {
  static const auto kRegistration = torch::RegisterOperators().op(
      std::string(kOperator) + "(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding) -> Tensor",
      torch::RegisterOperators::options().catchAllKernel<decltype(few_channel_conv2d), &few_channel_conv2d>());
}

std::optional<std::vector<std::int64_t>> constant_ints(const torch::jit::Value* value) {
  const std::optional<c10::IValue> constant = torch::jit::toIValue(value);
  if (!constant || !constant->isIntList()) {
    return std::nullopt;
  }
  std::vector<std::int64_t> numbers = constant->toIntVector();
  if (numbers.size() == 1) {
    numbers.push_back(numbers[0]);
  }
  return numbers;
}

bool is_routable(const torch::jit::Node& node) {
  const bool plain = node.kind() == c10::Symbol::fromQualString("aten::conv2d");
  const bool general = node.kind() == c10::Symbol::fromQualString("aten::_convolution");
  if (!plain && !general) {
    return false;
  }
  const std::optional<c10::IValue> weight = torch::jit::toIValue(node.namedInput("weight"));
  const std::optional<c10::IValue> groups = torch::jit::toIValue(node.namedInput("groups"));
  if (!weight || !weight->isTensor() || !groups || groups->toInt() != 1) {
    return false;
  }
  if (general) {
    const std::optional<c10::IValue> transposed = torch::jit::toIValue(node.namedInput("transposed"));
    if (!transposed || transposed->toBool()) {
      return false;
    }
  }
  const Tensor values = weight->toTensor();
  const std::optional<std::vector<std::int64_t>> dilation = constant_ints(node.namedInput("dilation"));
  return values.dim() == 4 && values.is_cpu() && values.scalar_type() == at::kFloat && values.size(1) <= kFewChannels &&
         dilation && std::ranges::all_of(*dilation, [](std::int64_t d) { return d == 1; }) &&
         constant_ints(node.namedInput("stride")) && constant_ints(node.namedInput("padding"));
}

void route(torch::jit::Block& block) {
  std::vector<torch::jit::Node*> found;
  for (torch::jit::Node* node : block.nodes()) {
    for (torch::jit::Block* inner : node->blocks()) {
      route(*inner);
    }
    if (is_routable(*node)) {
      found.push_back(node);
    }
  }
  for (torch::jit::Node* node : found) {
    torch::jit::Graph& graph = *node->owningGraph();
    const torch::jit::WithInsertPoint here(node);
    torch::jit::Value* stride = graph.insertConstant(*constant_ints(node->namedInput("stride")));
    torch::jit::Value* padding = graph.insertConstant(*constant_ints(node->namedInput("padding")));
    torch::jit::Node* ours = graph.create(
        c10::Symbol::fromQualString(kOperator),
        {node->namedInput("input"), node->namedInput("weight"), node->namedInput("bias"), stride, padding});
    graph.insertNode(ours);
    ours->output()->setType(node->output()->type());
    node->output()->replaceAllUsesWith(ours->output());
    node->destroy();
  }
}

}  // namespace

Tensor convolution_input_gradient(const Tensor& gradient, const Tensor& weight, at::IntArrayRef stride,
                                  at::IntArrayRef padding, at::IntArrayRef input_size) {
  const at::NoGradGuard no_grad;
  FAULTLINE_ASSERT(gradient.is_cpu() && gradient.scalar_type() == at::kFloat, "float32 on the CPU");
  const std::int64_t rows = gradient.size(0);
  const Geometry geometry{input_size[1],  input_size[2],    input_size[3],    weight.size(2),
                          weight.size(3), gradient.size(2), gradient.size(3), stride[0],
                          stride[1],      padding[0],       padding[1]};
  const Tensor from = gradient.contiguous().view({rows, gradient.size(1), gradient.size(2) * gradient.size(3)});
  const Tensor transposed = weight.reshape({weight.size(0), -1}).t();
  Tensor columns = at::empty({transposed.size(0), from.size(2)}, gradient.options());
  Tensor image = at::zeros(input_size, gradient.options());
  for (std::int64_t row = 0; row < rows; ++row) {
    // One sample at a time: its columns stay in the cache, and its result cannot depend on the batch.
    at::mm_out(columns, transposed, from.select(0, row));
    scatter_columns(columns.const_data_ptr<float>(), image.mutable_data_ptr<float>() + row * image.stride(0), geometry);
  }
  return image;
}

void route_few_channel_convolutions(const std::shared_ptr<torch::jit::Graph>& graph) {
  register_operator();
  route(*graph->block());
}

}  // namespace faultline
