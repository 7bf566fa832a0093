// Whether projections give the nearest point, against slow references that share no code with them.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <bit>
#include <cmath>

#include "faultline/core/distance.h"
#include "faultline/core/projection.h"
#include "property/cases.h"

namespace faultline {
namespace {

using Row = std::vector<double>;

Row values_of(const Tensor& row) {
  const Tensor wide = row.to(at::kDouble).flatten().contiguous();
  return {wide.const_data_ptr<double>(), wide.const_data_ptr<double>() + wide.numel()};
}

double euclidean(const Row& a, const Row& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += (a[i] - b[i]) * (a[i] - b[i]);
  }
  return std::sqrt(sum);
}

/// The point of the box with every element pulled towards clean by up to lambda.
Row shrunk(const Row& point, const Row& clean, const Bounds& bounds, double lambda) {
  Row result(point.size());
  for (std::size_t i = 0; i < point.size(); ++i) {
    const double delta = point[i] - clean[i];
    const double pulled = clean[i] + std::copysign(std::max(std::abs(delta) - lambda, 0.0), delta);
    result[i] = std::clamp(pulled, bounds.lower, bounds.upper);
  }
  return result;
}

double l1_distance(const Row& a, const Row& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += std::abs(a[i] - b[i]);
  }
  return sum;
}

/// The nearest point of the L1 ball within the box, by bisection on the multiplier (from the KKT conditions).
Row nearest_l1(const Row& point, const Row& clean, const Bounds& bounds, double epsilon) {
  double low = 0;
  double high = l1_distance(point, clean);
  if (l1_distance(shrunk(point, clean, bounds, low), clean) <= epsilon) {
    return shrunk(point, clean, bounds, low);
  }
  for (int halving = 0; halving < 200; ++halving) {
    const double middle = (low + high) / 2;
    (l1_distance(shrunk(point, clean, bounds, middle), clean) > epsilon ? low : high) = middle;
  }
  return shrunk(point, clean, bounds, high);
}

/// The least distance from `point` to a point of the box that differs from clean in at most `count` places.
double least_l0_cost(const Row& point, const Row& clean, const Bounds& bounds, int count) {
  double best = std::numeric_limits<double>::infinity();
  for (std::uint32_t subset = 0; subset < (1U << point.size()); ++subset) {
    if (std::popcount(subset) > count) {
      continue;
    }
    Row candidate = clean;
    for (std::size_t i = 0; i < point.size(); ++i) {
      if ((subset >> i & 1U) != 0) {
        candidate[i] = std::clamp(point[i], bounds.lower, bounds.upper);
      }
    }
    best = std::min(best, euclidean(candidate, point));
  }
  return best;
}

TEST(ProjectionOptimality, L1IsTheNearestPointOfBallAndBox) {
  EXPECT_TRUE(rc::check("L1 equals bisection", [] {
    const ProjectionCase drawn = draw_projection_case(Norm::kL1);
    const Tensor projected = project(drawn.points, drawn.clean, drawn.threat);
    const Tensor allowance = rounding_allowance(drawn);
    for (std::int64_t n = 0; n < drawn.clean.size(0); ++n) {
      const Row point = values_of(drawn.points[n]);
      const Row expected =
          nearest_l1(point, values_of(drawn.clean[n]), drawn.threat.bounds, drawn.threat.epsilon[n].item<double>());
      // Points arrive as float32: their own last place is the least that can be asked.
      const double largest = drawn.points[n].abs().max().item<double>();
      const Row actual = values_of(projected[n]);
      RC_ASSERT(euclidean(actual, expected) <= allowance[n].item<double>() + largest * 0x1p-21);
    }
  }));
}

TEST(ProjectionOptimality, L1UsesTheWholeBudget) {
  EXPECT_TRUE(rc::check("L1 of an outside point lies on the surface", [] {
    const ProjectionCase drawn = draw_projection_case(Norm::kL1);
    const Tensor projected = project(drawn.points, drawn.clean, drawn.threat);
    const Tensor boxed = drawn.points.clamp(drawn.threat.bounds.lower, drawn.threat.bounds.upper);
    const Tensor outside = distance(boxed, drawn.clean, Norm::kL1).gt(drawn.threat.epsilon);
    const Tensor reached = distance(projected, drawn.clean, Norm::kL1);
    const Tensor enough = reached.ge(drawn.threat.epsilon - rounding_allowance(drawn));
    RC_ASSERT(enough.logical_or(outside.logical_not()).all().item<bool>());
  }));
}

TEST(ProjectionOptimality, L0IsTheNearestOfAllSubsets) {
  EXPECT_TRUE(rc::check("L0 equals brute force", [] {
    const ProjectionCase drawn = draw_projection_case(Norm::kL0);
    const std::int64_t rows = drawn.clean.size(0);
    RC_PRE(rows > 0);
    RC_PRE(drawn.clean[0].numel() <= 12);
    const Tensor projected = project(drawn.points, drawn.clean, drawn.threat);
    for (std::int64_t n = 0; n < rows; ++n) {
      const Row point = values_of(drawn.points[n]);
      const int count = static_cast<int>(std::min(drawn.threat.epsilon[n].item<double>(), 12.0));
      const double least = least_l0_cost(point, values_of(drawn.clean[n]), drawn.threat.bounds, count);
      RC_ASSERT(euclidean(values_of(projected[n]), point) <= least * (1 + 1e-5));
    }
  }));
}

TEST(ProjectionOptimality, LinfReachesTheLastFloatInsideTheBall) {
  EXPECT_TRUE(rc::check("one float32 further would leave ball or box", [] {
    const ProjectionCase drawn = draw_projection_case(Norm::kLinf);
    for (const double direction : {-1.0, 1.0}) {
      const Tensor far = drawn.clean + direction * 1e4;
      const Tensor corner = project(far, drawn.clean, drawn.threat);
      const Tensor beyond = corner.nextafter(far);
      const Tensor length = (beyond.to(at::kDouble) - drawn.clean.to(at::kDouble)).abs();
      const Tensor outside_ball = length.gt(broadcast_rows(drawn.threat.epsilon, length));
      const Tensor outside_box = beyond.lt(drawn.threat.bounds.lower).logical_or(beyond.gt(drawn.threat.bounds.upper));
      // The float32 next to 0 is too small for float64 to add to the clean value.
      RC_ASSERT(outside_ball.logical_or_(outside_box).logical_or_(corner.eq(0)).all().item<bool>());
    }
  }));
}

TEST(ProjectionOptimality, L2IsScalingWhereTheBoxIsFar) {
  EXPECT_TRUE(rc::check("L2 without an active box is scaling", [] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    const std::int64_t width = *rc::gen::inRange<std::int64_t>(1, 60);
    const double epsilon = std::uniform_real_distribution<double>(0.01, 0.8)(random);
    const Tensor clean = uniform_tensor(random, {4, width}, -0.1, 0.1);
    const Tensor points = uniform_tensor(random, {4, width}, -1, 1);
    const ThreatModel threat{.norm = Norm::kL2, .epsilon = at::full({4}, epsilon, at::kDouble), .bounds = {-1, 1}};
    const Tensor delta = points.to(at::kDouble) - clean.to(at::kDouble);
    const Tensor scale = (epsilon / delta.norm(2, {1}, /*keepdim=*/true)).clamp_max(1);
    const Tensor error = (project(points, clean, threat).to(at::kDouble) - clean.to(at::kDouble) - delta * scale);
    const double allowance = epsilon * 0x1p-19 + std::sqrt(static_cast<double>(width)) * 0x1p-22;
    RC_ASSERT(error.norm(2, {1}).max().item<double>() <= allowance);
  }));
}

TEST(ProjectionOptimality, IsNonExpansive) {
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    EXPECT_TRUE(rc::check(std::string(name_of(norm)) + ": projections are not further apart than the points", [norm] {
      const ProjectionCase drawn = draw_projection_case(norm);
      RC_PRE(drawn.clean.size(0) > 0);
      std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
      const double step = *rc::gen::element(1e-4, 0.01, 1.0, 100.0);
      const Tensor others = drawn.points + uniform_tensor(random, drawn.points.sizes().vec(), -step, step);
      const Tensor apart = distance(drawn.points, others, Norm::kL2);
      const Tensor after = distance(project(drawn.points, drawn.clean, drawn.threat),
                                    project(others, drawn.clean, drawn.threat), Norm::kL2);
      const Tensor largest = drawn.points.flatten(1).abs().amax(1).to(at::kDouble);
      RC_ASSERT(after.le(apart + 2 * rounding_allowance(drawn) + largest * 0x1p-20).all().item<bool>());
    }));
  }
}

}  // namespace
}  // namespace faultline
