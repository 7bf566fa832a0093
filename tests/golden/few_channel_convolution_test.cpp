// The way back through convolutions with few input channels: against LibTorch's own, on its own and inside a model.
#include "faultline/targets/few_channel_convolution.h"

#include <gtest/gtest.h>

#include "faultline/targets/torchscript.h"
#include "models.h"

namespace faultline {
namespace {

struct Shape {
  std::int64_t channels, height, width, outputs, kernel_height, kernel_width;
  std::vector<std::int64_t> stride, padding;
};

const Shape kShapes[] = {
    {1, 28, 28, 16, 4, 4, {2, 2}, {1, 1}}, {3, 32, 32, 16, 3, 3, {1, 1}, {1, 1}}, {1, 7, 9, 5, 3, 2, {1, 2}, {0, 3}},
    {4, 6, 5, 2, 5, 5, {3, 1}, {2, 2}},    {2, 8, 8, 3, 1, 1, {2, 2}, {0, 0}},    {3, 5, 5, 4, 5, 5, {4, 4}, {4, 4}},
};

TEST(FewChannelConvolution, GradientIsThatOfLibTorchInDouble) {
  at::manual_seed(1);
  for (const Shape& s : kShapes) {
    const Tensor x = at::rand({3, s.channels, s.height, s.width});
    const Tensor weight = at::randn({s.outputs, s.channels, s.kernel_height, s.kernel_width});
    const Tensor output = at::conv2d(x, weight, {}, s.stride, s.padding);
    const Tensor cotangent = at::randn_like(output);
    const Tensor expected =
        std::get<0>(at::convolution_backward(cotangent.to(at::kDouble), x.to(at::kDouble), weight.to(at::kDouble), {},
                                             s.stride, s.padding, {1, 1}, false, {0, 0}, 1, {true, false, false}));
    const Tensor ours = convolution_input_gradient(cotangent, weight, s.stride, s.padding, x.sizes());
    // Sums of at most outputs * kernel products of float32.
    EXPECT_LT((ours.to(at::kDouble) - expected).abs().max().item<double>(), 1e-4) << s.height << "x" << s.width;
  }
}

TEST(FewChannelConvolution, RowsDoNotDependOnTheirBatch) {
  at::manual_seed(2);
  const Tensor weight = at::randn({16, 1, 4, 4});
  const Tensor cotangent = at::randn({20, 16, 14, 14});
  const std::vector<std::int64_t> stride{2, 2};
  const std::vector<std::int64_t> padding{1, 1};
  const Tensor all = convolution_input_gradient(cotangent, weight, stride, padding, {20, 1, 28, 28});
  const Tensor one = convolution_input_gradient(cotangent.narrow(0, 13, 1), weight, stride, padding, {1, 1, 28, 28});
  EXPECT_TRUE(at::equal(all.narrow(0, 13, 1), one));
}

TEST(FewChannelConvolution, ModelKeepsItsLogitsAndGradients) {
  at::manual_seed(3);
  const TemporaryFolder folder;
  const Tensor weight = at::randn({6, 3, 3, 3});
  const Tensor bias = at::randn({6});
  const Tensor last = at::randn({4, 6 * 4 * 4});
  write_model(folder.path() / "model.pt",
              "def forward(self, x: Tensor) -> Tensor:\n"
              "  y = torch.relu(torch.conv2d(x, self.w, self.b, [2, 2], [1, 1]))\n"
              "  return torch.matmul(torch.flatten(y, 1), self.v.t())\n",
              {{"w", weight}, {"b", bias}, {"v", last}});
  TorchScriptTarget target(TorchScriptModel::load(folder.path() / "model.pt", {}));
  const Tensor x = at::rand({5, 3, 8, 8});
  const Linearization here = target.linearize(x);

  const Tensor before = at::conv2d(x, weight, bias, {2, 2}, {1, 1});
  const Tensor logits = at::matmul(before.relu().flatten(1), last.t());
  EXPECT_TRUE(at::equal(here.logits, logits));
  EXPECT_TRUE(at::equal(target.logits(x), logits));

  const Tensor cotangent = at::randn({5, 4});
  const Tensor inner = at::matmul(cotangent, last).view_as(before) * (before > 0);
  const Tensor expected = std::get<0>(
      at::convolution_backward(inner, x, weight, {}, {2, 2}, {1, 1}, {1, 1}, false, {0, 0}, 1, {true, false, false}));
  EXPECT_LT((here.pullback(cotangent) - expected).abs().max().item<double>(), 1e-3);
}

}  // namespace
}  // namespace faultline
