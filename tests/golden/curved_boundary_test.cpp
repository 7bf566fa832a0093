// Attacks on a model whose boundary is a sphere: distances in closed form where one linear step does not end it.
#include <gtest/gtest.h>

#include "engine.h"
#include "faultline/core/projection.h"
#include "golden/linear_checks.h"

namespace faultline {
namespace {

/// Class 1 outside a ball around the middle of [0, 1]^D, class 0 inside: logits (0, ||x - c||^2 - r^2).
class BallTarget : public Target {
 public:
  static constexpr double kRadius = 0.6;

  Tensor logits(const Tensor& inputs) override {
    const Tensor outside = (inputs - 0.5).square().sum(1) - kRadius * kRadius;
    return at::stack({at::zeros_like(outside), outside}, 1);
  }

  Linearization linearize(const Tensor& inputs) override {
    return {logits(inputs),
            [inputs](const Tensor& cotangent) { return cotangent.narrow(1, 1, 1) * (inputs - 0.5) * 2; }};
  }
};

/// Points inside the ball, none at its middle, from which the way out stays inside the box.
Batch points() {
  const Batch shape{at::zeros({19, 8}, at::kFloat),
                    at::zeros({19}, at::kLong),
                    identify(at::arange(19 * 8, at::kFloat).view({19, 8}), 0),
                    {}};
  const Tensor inputs = Rng(3).uniform(shape.ids, {19, 8}, {}).mul_(0.3).add_(0.35);
  return {inputs, shape.labels, identify(inputs, 0), {}};
}

std::int64_t found(const std::string& spec, double share) {
  const Batch batch = points();
  const Tensor distances = (batch.inputs - 0.5).norm(2, 1).neg().add(BallTarget::kRadius).to(at::kDouble);
  ThreatModel threat = uniform_threat(Norm::kL2, 1, batch, {});
  threat.epsilon = distances * share;
  BallTarget target;
  return builtin_registries()
      .attacks.configure(spec.substr(0, spec.find(':')), parse_settings(spec.substr(spec.find(':') + 1), spec))
      .run(target, batch, threat, Rng(0))
      .claimed.sum()
      .item<std::int64_t>();
}

TEST(CurvedBoundary, GradientAttacksFindItsNearestPoint) {
  for (const std::string spec :
       {"fab:steps=40,overshoot=1.01", "fab:steps=40,overshoot=1.01,variant=published", "fab-t:steps=40,targets=1",
        "apgd:loss=margin,steps=50", "pgd:steps=300", "apgd:loss=margin,steps=50,start=diverse"}) {
    EXPECT_EQ(found(spec, 0.99), 0) << spec;
    EXPECT_EQ(found(spec, 1.02), 19) << spec;
  }
}

TEST(CurvedBoundary, OneStepOfFabEndsElsewhere) {
  EXPECT_LT(found("fab:steps=1,overshoot=1.01", 1.02), 19) << "or the test above shows nothing";
}

}  // namespace
}  // namespace faultline
