// Closed-form gradients of the losses against autograd in float64 on formulas written from the papers.
#include "faultline/core/loss.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "property/cases.h"

namespace faultline {
namespace {

struct LossCase {
  Tensor logits;  // [N, K] float32, every two classes of a row at least 0.2 apart
  Tensor labels;
  ThreatModel threat;
};

Tensor pick(const Tensor& logits, const Tensor& classes) { return logits.gather(1, classes.unsqueeze(1)).squeeze(1); }

Tensor best_except(const Tensor& logits, const Tensor& classes) {
  const Tensor chosen = at::arange(logits.size(1)).unsqueeze(0).eq(classes.unsqueeze(1));
  return logits.masked_fill(chosen, -std::numeric_limits<double>::infinity()).amax(1);
}

/// The value at a place of the descending order.
Tensor ranked(const Tensor& logits, std::int64_t place) {
  return std::get<0>(logits.sort(1, /*descending=*/true)).select(1, place);
}

Tensor expected_value(Loss loss, const Tensor& logits, const Tensor& labels, const ThreatModel& threat) {
  const bool targeted = threat.targeted();
  const Tensor goal = targeted ? threat.targets : labels;
  switch (loss) {
    case Loss::kCrossEntropy: {
      const Tensor surprise = logits.logsumexp(1) - pick(logits, goal);
      return targeted ? -surprise : surprise;
    }
    case Loss::kMargin: {
      const Tensor lead = pick(logits, goal) - best_except(logits, goal);
      return targeted ? lead : -lead;
    }
    case Loss::kProbabilityMargin: {
      const Tensor p = logits.softmax(1);
      const Tensor lead = pick(p, goal) - best_except(p, goal);
      return targeted ? lead : -lead;
    }
    case Loss::kDlr:
      if (targeted) {
        return -(pick(logits, labels) - pick(logits, goal)) /
               (ranked(logits, 0) - (ranked(logits, 2) + ranked(logits, 3)) / 2);
      }
      return -(pick(logits, labels) - best_except(logits, labels)) / (ranked(logits, 0) - ranked(logits, 2));
  }
  return {};
}

LossCase draw_loss_case(std::int64_t classes, bool targeted) {
  const auto rows = *rc::gen::inRange<std::int64_t>(1, 6);
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  const double scale = *rc::gen::element(0.3, 1.0, 4.0);
  LossCase drawn{at::empty({rows, classes}, at::kFloat), at::empty({rows}, at::kLong), {}};
  Tensor targets = at::empty({rows}, at::kLong);
  std::vector<double> levels(static_cast<std::size_t>(classes));
  for (std::int64_t n = 0; n < rows; ++n) {
    std::iota(levels.begin(), levels.end(), -static_cast<double>(classes) / 2);
    std::ranges::shuffle(levels, random);
    drawn.logits[n].copy_(scale * (at::tensor(levels) + uniform_tensor(random, {classes}, -0.15, 0.15)));
    const auto label = std::uniform_int_distribution<std::int64_t>(0, classes - 1)(random);
    drawn.labels[n] = label;
    targets[n] = (label + std::uniform_int_distribution<std::int64_t>(1, classes - 1)(random)) % classes;
  }
  if (targeted) {
    drawn.threat.targets = targets;
  }
  return drawn;
}

/// `drawn_as` is the loss asked for, `expected` the one whose formula must come out.
void expect_autograd(Loss asked, Loss expected, std::int64_t classes, bool targeted) {
  const std::string fact = "loss " + std::to_string(static_cast<int>(asked)) + ", K=" + std::to_string(classes) +
                           (targeted ? ", targeted" : "");
  EXPECT_TRUE(rc::check(fact, [=] {
    const LossCase drawn = draw_loss_case(classes, targeted);
    const Tensor leaf = drawn.logits.to(at::kDouble).requires_grad_(true);
    const Tensor value = expected_value(expected, leaf, drawn.labels, drawn.threat);
    const Tensor gradient = torch::autograd::grad({value.sum()}, {leaf})[0];
    const LossGradient actual = differentiate(asked, drawn.logits, drawn.labels, drawn.threat);
    RC_ASSERT(actual.value.sizes() == value.sizes() && actual.cotangent.sizes() == leaf.sizes());
    // float32 logits of up to 24, and quotients by gaps of at least 0.06.
    RC_ASSERT(at::allclose(actual.value.to(at::kDouble), value.detach(), /*rtol=*/1e-4, /*atol=*/1e-5));
    RC_ASSERT(at::allclose(actual.cotangent.to(at::kDouble), gradient, /*rtol=*/1e-4, /*atol=*/1e-5));
  }));
}

TEST(Loss, EqualsAutograd) {
  for (const Loss loss : {Loss::kCrossEntropy, Loss::kMargin, Loss::kDlr, Loss::kProbabilityMargin}) {
    for (const std::int64_t classes : {2, 3, 4, 10}) {
      for (const bool targeted : {false, true}) {
        const bool too_few = loss == Loss::kDlr && classes < (targeted ? 4 : 3);
        expect_autograd(loss, too_few ? Loss::kMargin : loss, classes, targeted);
      }
    }
  }
}

TEST(Loss, TiesGoToTheLowestClass) {
  const Tensor logits = at::tensor({1.0F, 2.0F, 2.0F, 2.0F}).unsqueeze(0);
  const LossGradient loss = differentiate(Loss::kMargin, logits, at::tensor({2}, at::kLong), ThreatModel{});
  EXPECT_EQ(loss.value.item<float>(), 0);
  EXPECT_TRUE(loss.cotangent.equal(at::tensor({0.0F, 1.0F, -1.0F, 0.0F}).unsqueeze(0)));
}

TEST(Loss, StaysFiniteOnEqualAndOnExtremeLogits) {
  const Tensor equal = at::full({1, 5}, 3, at::kFloat);
  const Tensor extreme = at::tensor({-1e4F, 1e4F, 0.0F, 10.0F, -5.0F}).unsqueeze(0);
  const Tensor tied_top = at::tensor({4.0F, 4.0F, 4.0F, 4.0F, -1.0F}).unsqueeze(0);
  ThreatModel aimed;
  aimed.targets = at::tensor({1}, at::kLong);
  for (const Loss kind : {Loss::kCrossEntropy, Loss::kMargin, Loss::kDlr, Loss::kProbabilityMargin}) {
    for (const Tensor& logits : {equal, extreme, tied_top}) {
      for (const ThreatModel& threat : {ThreatModel{}, aimed}) {
        const LossGradient loss = differentiate(kind, logits, at::tensor({4}, at::kLong), threat);
        EXPECT_TRUE(loss.value.isfinite().all().item<bool>());
        EXPECT_TRUE(loss.cotangent.isfinite().all().item<bool>());
      }
    }
  }
}

TEST(Loss, RowsAreIndependent) {
  EXPECT_TRUE(rc::check("a row alone gives the same value and cotangent", [] {
    const LossCase drawn = draw_loss_case(/*classes=*/4, /*targeted=*/false);
    for (const Loss kind : {Loss::kCrossEntropy, Loss::kMargin, Loss::kDlr, Loss::kProbabilityMargin}) {
      const LossGradient all = differentiate(kind, drawn.logits, drawn.labels, drawn.threat);
      const LossGradient one =
          differentiate(kind, drawn.logits.narrow(0, 0, 1), drawn.labels.narrow(0, 0, 1), drawn.threat);
      RC_ASSERT(at::allclose(all.value[0], one.value[0]));
      RC_ASSERT(at::allclose(all.cotangent[0], one.cotangent[0]));
    }
  }));
}

}  // namespace
}  // namespace faultline
