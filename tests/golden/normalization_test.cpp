// Normalisation inside the file and inside the target are the same model.
#include <gtest/gtest.h>

#include "faultline/core/rng.h"
#include "faultline/targets/normalized.h"
#include "faultline/targets/target_stack.h"
#include "faultline/targets/torchscript.h"
#include "models.h"

namespace faultline {
namespace {

const std::vector<double> kMean{0.4914, 0.4822, 0.4465};
const std::vector<double> kStd{0.2023, 0.1994, 0.2010};

constexpr const char* kNetwork = R"(
  h = torch.relu(torch.conv2d(x, self.w1, self.b1, [2, 2], [1, 1]))
  return torch.linear(torch.flatten(h, 1), self.w2, self.b2)
)";

Tensor weights(std::uint64_t seed, at::IntArrayRef shape, double scale) {
  std::vector<SampleId> ids;
  for (std::int64_t row = 0; row < shape[0]; ++row) {
    ids.push_back({row, static_cast<std::uint64_t>(row)});
  }
  return Rng(seed).normal(ids, shape, {}) * scale;
}

/// The network with and without normalisation in front, on [N, 3, 8, 8].
class Normalization : public ::testing::Test {
 protected:
  Normalization() {
    std::vector<ModelParameter> parameters{{"w1", weights(1, {6, 3, 3, 3}, 0.3)},
                                           {"b1", weights(2, {6}, 0.1)},
                                           {"w2", weights(3, {4, 96}, 0.2)},
                                           {"b2", weights(4, {4}, 0.1)}};
    const std::string head = "def forward(self, x: Tensor) -> Tensor:\n";
    write_model(bare_file(), head + std::string(kNetwork).substr(1), parameters);
    parameters.push_back({"mean", at::tensor(kMean, at::kFloat).view({1, 3, 1, 1})});
    parameters.push_back({"std", at::tensor(kStd, at::kFloat).view({1, 3, 1, 1})});
    write_model(whole_file(), head + "  x = (x - self.mean) / self.std" + kNetwork, parameters);
  }

  [[nodiscard]] std::filesystem::path bare_file() const { return folder_.path() / "bare.pt"; }
  [[nodiscard]] std::filesystem::path whole_file() const { return folder_.path() / "whole.pt"; }

  [[nodiscard]] static std::unique_ptr<Target> load(const std::filesystem::path& file) {
    return std::make_unique<TorchScriptTarget>(TorchScriptModel::load(file, {}));
  }

  const Tensor inputs_ = weights(5, {17, 3, 8, 8}, 1).sigmoid();
  const Tensor cotangent_ = weights(6, {17, 4}, 1);

 private:
  TemporaryFolder folder_;
};

/// Float32 rounding through a network of about a hundred terms per sum: 1e-5 of the largest value.
void expect_close(const Tensor& a, const Tensor& b) {
  ASSERT_EQ(a.sizes(), b.sizes());
  const double largest = b.abs().amax().item<double>();
  EXPECT_GT(largest, 0.1);
  EXPECT_LT((a - b).abs().amax().item<double>(), 1e-5 * largest);
}

TEST_F(Normalization, InsideTheTargetEqualsInsideTheFile) {
  const std::unique_ptr<Target> whole = load(whole_file());
  NormalizedTarget outside(load(bare_file()), kMean, kStd);
  expect_close(outside.logits(inputs_), whole->logits(inputs_));
  const Linearization a = outside.linearize(inputs_);
  const Linearization b = whole->linearize(inputs_);
  expect_close(a.logits, b.logits);
  expect_close(a.pullback(cotangent_), b.pullback(cotangent_));
}

TEST_F(Normalization, OneValueServesAllChannels) {
  const std::vector<double> mean(3, 0.25);
  const std::vector<double> std(3, 0.5);
  NormalizedTarget three(load(bare_file()), mean, std);
  NormalizedTarget one(load(bare_file()), {0.25}, {0.5});
  EXPECT_TRUE(three.logits(inputs_).equal(one.logits(inputs_)));
  EXPECT_TRUE(three.linearize(inputs_).pullback(cotangent_).equal(one.linearize(inputs_).pullback(cotangent_)));
}

}  // namespace
}  // namespace faultline
