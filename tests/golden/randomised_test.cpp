// Expectation over randomness: means over calls, on models whose calls differ in a known way.
#include <gtest/gtest.h>

#include "engine.h"
#include "faultline/core/projection.h"
#include "golden/linear_checks.h"

namespace faultline {
namespace {

/// Two classes; the first leads by 1 + a . x, where `a` is that of two in turn.
class AlternatingTarget : public Target {
 public:
  AlternatingTarget(const Tensor& even, const Tensor& odd) : slopes_{even, odd} {}

  Tensor logits(const Tensor& inputs) override {
    const Tensor lead = inputs.matmul(slopes_[++calls_ % 2]).add(1);
    return at::stack({lead, at::zeros_like(lead)}, 1);
  }

  Linearization linearize(const Tensor& inputs) override {
    Tensor answer = logits(inputs);
    return {answer, [slope = slopes_[calls_ % 2]](const Tensor& cotangent) {
              return cotangent.narrow(1, 0, 1).matmul(slope.unsqueeze(0));
            }};
  }

 private:
  std::array<Tensor, 2> slopes_;
  std::size_t calls_ = 0;
};

constexpr std::int64_t kNoisySamples = 19;

Batch zeros() {
  const Tensor inputs = at::zeros({kNoisySamples, 3}, at::kFloat);
  return {inputs, at::zeros({kNoisySamples}, at::kLong), identify(inputs, 0), {}};
}

ThreatModel budget(const Batch& batch, double epsilon) {
  return uniform_threat(Norm::kLinf, epsilon, batch, {.lower = -10, .upper = 10});
}

AttackResult attack(const std::string& spec, Target& target, double epsilon) {
  const Batch batch = zeros();
  return builtin_registries()
      .attacks.configure(spec.substr(0, spec.find(':')), parse_settings(spec.substr(spec.find(':') + 1), spec))
      .run(target, batch, budget(batch, epsilon), Rng(0));
}

constexpr const char* kSpecs[] = {"pgd:steps=20,relative-step=0.25,", "apgd:steps=20,loss=margin,"};

TEST(Randomised, GradientsAreMeansOverTheCalls) {
  // Single gradients lead along the third element in turn; their mean is (-0.1, -0.1, 0), which needs epsilon 5.
  const Tensor even = at::tensor({-0.1F, -0.1F, 9.0F});
  const Tensor odd = at::tensor({-0.1F, -0.1F, -9.0F});
  for (const std::string spec : kSpecs) {
    AlternatingTarget target(even, odd);
    const AttackResult beyond = attack(spec + "eot=2", target, 5.1);
    EXPECT_EQ(beyond.claimed.sum().item<std::int64_t>(), kNoisySamples) << spec;
    EXPECT_LT((beyond.candidates.narrow(1, 0, 2) - 5.1).abs().max().item<double>(), 0.02) << spec;
    const AttackResult inside = attack(spec + "eot=2", target, 4.9);
    EXPECT_EQ(inside.claimed.sum().item<std::int64_t>(), 0)
        << spec << ": every other call fails there, the mean of two does not";
    EXPECT_EQ(attack(spec + "eot=1", target, 4.9).claimed.sum().item<std::int64_t>(), kNoisySamples)
        << spec << ": a single call is believed";
  }
}

TEST(Randomised, ARowGoesOnToWhereItFailsMost) {
  const Tensor slope = at::tensor({-1.0F, 0.0F, 0.0F});
  for (const std::string spec : kSpecs) {
    AlternatingTarget target(slope, slope);
    const AttackResult result = attack(spec + "eot=2", target, 4);
    EXPECT_LT((result.candidates.select(1, 0) - 4).abs().max().item<double>(), 0.02)
        << spec << ": it fails from 1 on already";
  }
}

}  // namespace
}  // namespace faultline
