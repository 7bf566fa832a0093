// Starting points, ascent directions and the memory of the best point: what attacks share.
#include "faultline/core/sampling.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "faultline/core/ascent.h"
#include "faultline/core/best_points.h"
#include "faultline/core/distance.h"
#include "property/cases.h"

namespace faultline {
namespace {

Batch batch_of(const Tensor& inputs) {
  return {inputs, at::zeros({inputs.size(0)}, at::kLong), identify(inputs, 0), {}};
}

TEST(Sampling, PointsLieInBallAndBox) {
  for (const Norm norm : all_norms()) {
    EXPECT_TRUE(rc::check(std::string(name_of(norm)) + ": sampled points are feasible up to rounding", [norm] {
      const ProjectionCase drawn = draw_projection_case(norm);
      RC_PRE(drawn.clean.size(0) > 0);
      const auto step = *rc::gen::inRange(0U, 100U);
      const Tensor points = sample_in_ball(batch_of(drawn.clean), drawn.threat, Rng(3), {.step = step});
      RC_ASSERT(points.ge(drawn.threat.bounds.lower).all().item<bool>());
      RC_ASSERT(points.le(drawn.threat.bounds.upper).all().item<bool>());
      const Tensor slack = norm == Norm::kL0 ? at::zeros_like(drawn.threat.epsilon) : rounding_allowance(drawn);
      RC_ASSERT(distance(points, drawn.clean, norm).le(drawn.threat.epsilon + slack).all().item<bool>());
    }));
  }
}

TEST(Sampling, FillsTheBallUniformly) {
  // The share of a D-ball inside half its radius is 2^-D; the box is too far to matter. Four standard errors.
  const std::int64_t count = 20000;
  std::mt19937_64 random(1);
  const Tensor offsets = uniform_tensor(random, {count, 3}, -0.001, 0.001);  // ids of their own
  const Batch batch = batch_of(offsets);
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    const ThreatModel threat = uniform_threat(norm, 0.5, batch, Bounds{-1, 1});
    const Tensor lengths = distance(sample_in_ball(batch, threat, Rng(5), {}), batch.inputs, norm);
    const double inner = lengths.lt(0.25).to(at::kDouble).mean().item<double>();
    EXPECT_NEAR(inner, 0.125, 4 * std::sqrt(0.125 * 0.875 / count)) << name_of(norm);
    const Tensor mean = (sample_in_ball(batch, threat, Rng(5), {}) - batch.inputs).mean(0);
    EXPECT_LT(mean.abs().max().item<double>(), 4 * 0.3 / std::sqrt(count)) << name_of(norm);
  }
}

TEST(Sampling, ADrawInTheMiddleIsTheCleanInput) {
  // The draw of this sample is exactly 0.5: a direction of length 0 in one dimension.
  Batch batch = batch_of(at::zeros({1, 1}, at::kFloat));
  batch.ids[0].hash = 13168566;
  ASSERT_EQ(Rng(0).uniform(batch.ids, {1, 1}, {}).item<float>(), 0.5F);
  const Tensor point = sample_in_ball(batch, uniform_threat(Norm::kL1, 0.5, batch, Bounds{-1, 1}), Rng(0), {});
  EXPECT_EQ(point.item<float>(), 0);
}

TEST(Ascent, DirectionsHaveLengthOneAndClimb) {
  EXPECT_TRUE(rc::check("length 1 and a positive slope", [] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    const Tensor gradient = uniform_tensor(random, {4, 2, 5}, -1, 1) * 1e-3 + 1e-6;
    for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
      const Tensor direction = ascent_direction(gradient.clone(), norm, /*l1_share=*/0.3);
      const Tensor length = distance(direction, at::zeros_like(direction), norm);
      RC_ASSERT(at::allclose(length, at::ones_like(length), /*rtol=*/1e-6, /*atol=*/1e-6));
      RC_ASSERT((direction * gradient).flatten(1).sum(1).gt(0).all().item<bool>());
    }
  }));
}

TEST(Ascent, ZeroGradientsGiveZeroDirections) {
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    const Tensor direction = ascent_direction(at::zeros({2, 3}, at::kFloat), norm, /*l1_share=*/0.1);
    EXPECT_TRUE(direction.equal(at::zeros({2, 3}, at::kFloat))) << name_of(norm);
  }
}

TEST(BestPoints, KeepsTheLowestMarginFirstComeFirstKept) {
  const Batch batch = batch_of(at::zeros({3, 2}, at::kFloat));
  const ThreatModel threat = uniform_threat(Norm::kLinf, 1, batch, {});
  BestPoints best(batch, threat);
  const auto offer = [&](std::vector<std::int64_t> rows, double mark, std::vector<float> margins) {
    const Tensor own = at::tensor(margins).unsqueeze(1);
    const Tensor points = at::full({own.size(0), 2}, mark, at::kFloat);
    const Tensor done = best.offer(at::tensor(rows, at::kLong), points, at::cat({own, at::zeros_like(own)}, 1));
    return std::pair(done[0].item<bool>(), done[1].item<bool>());
  };
  EXPECT_EQ(offer({2, 0}, 1, {0.5F, 0.25F}), std::pair(false, false));
  EXPECT_EQ(offer({0, 2}, 2, {0.25F, -0.5F}), std::pair(false, true));
  EXPECT_EQ(offer({2, 1}, 3, {-0.25F, -0x1p-17F}), std::pair(true, false)) << "a near tie is not done";
  EXPECT_TRUE(best.unfinished().equal(at::tensor({0, 1}, at::kLong)));
  const AttackResult result = std::move(best).result();
  EXPECT_TRUE(result.candidates.select(1, 0).equal(at::tensor({1.0F, 3.0F, 2.0F})));
  EXPECT_TRUE(result.claimed.nonzero().squeeze(1).equal(at::tensor({2}, at::kLong)));
}

}  // namespace
}  // namespace faultline
