// Gradients that a model steers with detach(), as loaded.
#include <gtest/gtest.h>

#include "faultline/targets/torchscript.h"
#include "models.h"
#include "temporary_folder.h"

namespace faultline {
namespace {

Tensor gradient_of_sum(const std::string& body, const Tensor& inputs) {
  const TemporaryFolder folder;
  write_model(folder.path() / "model.pt", "def forward(self, x):\n" + body);
  TorchScriptTarget target(TorchScriptModel::load(folder.path() / "model.pt", {}));
  const Linearization here = target.linearize(inputs);
  return here.pullback(at::ones_like(here.logits));
}

TEST(StraightThrough, KeepsItsGradient) {
  const Tensor inputs = at::arange(8, at::kFloat).view({2, 4}) / 10;
  const std::string rounded = "  q = torch.round(x * 5.0) / 5.0\n  return (x + (q - x).detach()) * 4.0\n";
  EXPECT_TRUE(gradient_of_sum(rounded, inputs).eq(4).all().item<bool>());
  const std::string inside = "  if x.size(1) > 1:\n    x = x + (torch.round(x) - x).detach()\n  return x * 3.0\n";
  EXPECT_TRUE(gradient_of_sum(inside, inputs).eq(3).all().item<bool>()) << "in a block";
}

TEST(StraightThrough, HidesAGradientThatItMeansToHide) {
  const Tensor inputs = at::arange(8, at::kFloat).view({2, 4}) / 10;
  EXPECT_TRUE(gradient_of_sum("  return x * x.detach()\n", inputs).equal(inputs)) << "not twice as much";
}

}  // namespace
}  // namespace faultline
