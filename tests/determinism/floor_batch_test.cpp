// From the floor batch on, a row's bits do not depend on its batch. Where this fails, kFloorBatch is too small for the
// machine.
#include <gtest/gtest.h>

#include "engine.h"
#include "faultline/targets/fakes.h"
#include "faultline/targets/padded.h"

namespace faultline {
namespace {

constexpr std::int64_t kRows = 100;

/// Logits and gradients of some rows.
struct Answer {
  Tensor logits;
  Tensor linearized;
  Tensor gradient;
};

/// What a padded target says of the rows of one big batch, asked in smaller ones.
class Asked {
 public:
  explicit Asked(const Engine& engine)
      : plain_(engine.make_target()()),
        padded_(*plain_),
        batch_(read_batch(engine.data(), /*first=*/0, kRows, Bounds{})),
        cotangent_(Rng(1).normal(batch_.ids, {kRows, 10}, {})),
        whole_(ask(at::arange(kRows, at::kLong))) {}

  /// Compares bits with those of the whole batch.
  void expect_same(const Tensor& rows) {
    const Answer part = ask(rows);
    SCOPED_TRACE("batch of " + std::to_string(rows.size(0)) + " from row " + std::to_string(rows[0].item<int>()));
    EXPECT_TRUE(part.logits.equal(whole_.logits.index_select(0, rows))) << "logits";
    EXPECT_TRUE(part.linearized.equal(whole_.logits.index_select(0, rows))) << "logits beside gradients";
    EXPECT_TRUE(part.gradient.equal(whole_.gradient.index_select(0, rows))) << "gradients";
  }

  [[nodiscard]] const Answer& whole() const { return whole_; }

 private:
  Answer ask(const Tensor& rows) {
    const Tensor inputs = batch_.inputs.index_select(0, rows);
    const Linearization here = padded_.linearize(inputs);
    return {padded_.logits(inputs), here.logits, here.pullback(cotangent_.index_select(0, rows))};
  }

  std::unique_ptr<Target> plain_;
  PaddedTarget padded_;
  Batch batch_;
  Tensor cotangent_;
  Answer whole_;
};

class FloorBatch : public ::testing::TestWithParam<const char*> {};

TEST_P(FloorBatch, RowsHaveTheSameBitsInEveryBatch) {
  const Engine engine(GetParam());
  Asked asked(engine);
  EXPECT_GT(asked.whole().gradient.abs().amax().item<double>(), 0);
  const Tensor all = at::arange(kRows, at::kLong);
  for (const std::int64_t size : {1, 5, 15, 16, 17, 33}) {
    for (const std::int64_t first : {std::int64_t{0}, std::int64_t{37}, kRows - size}) {
      asked.expect_same(all.narrow(0, first, size));
    }
  }
}

TEST_P(FloorBatch, RowsHaveTheSameBitsInEveryPlace) {
  const Engine engine(GetParam());
  Asked asked(engine);
  const Tensor all = at::arange(kRows, at::kLong);
  asked.expect_same(all.flip(0));
  asked.expect_same(all.roll(41));
  asked.expect_same((all * 37).remainder(kRows));
  for (const std::int64_t shift : {1, 6, 11, 16}) {
    asked.expect_same(all.narrow(0, 20, 17).roll(shift));
  }
  asked.expect_same(at::zeros({16}, at::kLong));
}

INSTANTIATE_TEST_SUITE_P(Models, FloorBatch,
                         ::testing::Values("mnist_lpd_mlp_b_0.1.pt", "mnist_wk17a.pt", "cifar10_resnet20.pt"),
                         [](const auto& model) {
                           const std::string file = model.param;
                           return file.substr(file.find('_') + 1,
                                              file.find_first_of("_.", file.find('_') + 1) - file.find('_') - 1);
                         });

/// Notes the number of rows of everything it is asked.
class RowCounter final : public Target {
 public:
  Tensor logits(const Tensor& inputs) override {
    rows.push_back(inputs.size(0));
    return inputs.flatten(1) * 2;
  }
  Linearization linearize(const Tensor& inputs) override {
    return {logits(inputs), [this, shape = inputs.sizes().vec()](const Tensor& cotangent) {
              rows.push_back(cotangent.size(0));
              return (cotangent * 2).view(shape);
            }};
  }

  std::vector<std::int64_t> rows;
};

TEST(PaddedTarget, AsksForAtLeastTheFloorBatch) {
  for (const std::int64_t rows : {std::int64_t{1}, std::int64_t{7}, kFloorBatch - 1, kFloorBatch, kFloorBatch + 1}) {
    const Tensor inputs = at::arange(rows * 6, at::kFloat).view({rows, 2, 3});
    const Tensor cotangent = at::arange(rows * 6, at::kFloat).view({rows, 6}) + 1;
    RowCounter counter;
    PaddedTarget padded(counter);
    EXPECT_TRUE(padded.logits(inputs).equal(inputs.flatten(1) * 2));
    const Linearization here = padded.linearize(inputs);
    EXPECT_TRUE(here.logits.equal(inputs.flatten(1) * 2));
    EXPECT_TRUE(here.pullback(cotangent).equal((cotangent * 2).view(inputs.sizes())));
    EXPECT_EQ(counter.rows, std::vector<std::int64_t>(3, std::max(rows, kFloorBatch)));
  }
}

}  // namespace
}  // namespace faultline
