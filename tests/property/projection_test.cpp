// What every projection promises: in the box, in the ball, nothing changed that is inside already.
#include "faultline/core/projection.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "faultline/core/distance.h"
#include "property/cases.h"
#include "row.h"

namespace faultline {
namespace {

Tensor inside_box(const Tensor& points, const Bounds& bounds) {
  const Tensor wide = points.flatten(1).to(at::kDouble);
  return wide.ge(bounds.lower).logical_and(wide.le(bounds.upper)).all(1);
}

/// Checks `property` on cases of every norm.
template <typename Property>
void check_every_norm(const char* fact, const Property& property) {
  for (const Norm norm : all_norms()) {
    EXPECT_TRUE(rc::check(std::string(name_of(norm)) + ": " + fact, [&] { property(draw_projection_case(norm)); }));
  }
}

ThreatModel threat_of(Norm norm, double epsilon, Bounds bounds = {}) {
  return {.norm = norm, .epsilon = at::full({1}, epsilon, at::kDouble), .bounds = bounds};
}

TEST(Projection, ResultIsInsideTheBox) {
  check_every_norm("the result is inside the box", [](const ProjectionCase& drawn) {
    const Tensor projected = project(drawn.points, drawn.clean, drawn.threat);
    RC_ASSERT(inside_box(projected, drawn.threat.bounds).all().item<bool>());
  });
}

TEST(Projection, DistanceInFloat64IsAtMostEpsilon) {
  check_every_norm("distance <= epsilon", [](const ProjectionCase& drawn) {
    const Tensor projected = project(drawn.points, drawn.clean, drawn.threat);
    RC_ASSERT(distance(projected, drawn.clean, drawn.threat.norm).le(drawn.threat.epsilon).all().item<bool>());
  });
}

TEST(Projection, IsIdentityInsideTheFeasibleSet) {
  check_every_norm("identity inside, bit for bit", [](const ProjectionCase& drawn) {
    const Tensor projected = project(drawn.points, drawn.clean, drawn.threat);
    const Tensor inside = distance(drawn.points, drawn.clean, drawn.threat.norm)
                              .le(drawn.threat.epsilon)
                              .logical_and(inside_box(drawn.points, drawn.threat.bounds));
    RC_CLASSIFY(inside.any().item<bool>());
    const Tensor rows = inside.nonzero().squeeze(1);
    RC_ASSERT(same_bits(projected.index_select(0, rows), drawn.points.index_select(0, rows)));
  });
}

TEST(Projection, IsIdentityExactlyOnTheSurface) {
  const Tensor clean = row({0.5F, 0.25F, 0, 1});
  const Tensor one_moved = row({0.75F, 0.25F, 0, 1});
  const Tensor two_moved = row({0.5F, 0.625F, 0, 0.5F});  // 0.375 and 0.5: a 3-4-5 triangle of 1/8
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    EXPECT_TRUE(same_bits(project(one_moved, clean, threat_of(norm, 0.25)), one_moved)) << name_of(norm);
  }
  EXPECT_TRUE(same_bits(project(two_moved, clean, threat_of(Norm::kL0, 2)), two_moved));
  EXPECT_TRUE(same_bits(project(two_moved, clean, threat_of(Norm::kL1, 0.875)), two_moved));
  EXPECT_TRUE(same_bits(project(two_moved, clean, threat_of(Norm::kL2, 0.625)), two_moved));
  EXPECT_TRUE(same_bits(project(two_moved, clean, threat_of(Norm::kLinf, 0.5)), two_moved));
}

TEST(Projection, IsIdempotent) {
  check_every_norm("idempotent, bit for bit", [](const ProjectionCase& drawn) {
    const Tensor once = project(drawn.points, drawn.clean, drawn.threat);
    RC_ASSERT(same_bits(project(once, drawn.clean, drawn.threat), once));
  });
}

TEST(Projection, EpsilonZeroGivesTheCleanInputBack) {
  check_every_norm("epsilon 0 gives clean", [](ProjectionCase drawn) {
    drawn.threat.epsilon.zero_();
    RC_ASSERT(project(drawn.points, drawn.clean, drawn.threat).equal(drawn.clean));
  });
}

TEST(Projection, HugeEpsilonClampsToTheBox) {
  check_every_norm("huge epsilon clamps", [](ProjectionCase drawn) {
    drawn.threat.epsilon.fill_(1e9);
    const Tensor expected = drawn.points.clamp(drawn.threat.bounds.lower, drawn.threat.bounds.upper);
    RC_ASSERT(same_bits(project(drawn.points, drawn.clean, drawn.threat), expected));
  });
}

TEST(Projection, RowsDoNotDependOnTheirBatch) {
  check_every_norm("a row alone gives the same bits", [](const ProjectionCase& drawn) {
    const Tensor projected = project(drawn.points, drawn.clean, drawn.threat);
    for (std::int64_t n = 0; n < drawn.clean.size(0); ++n) {
      const ThreatModel alone = select(drawn.threat, at::tensor({n}, at::kLong));
      RC_ASSERT(same_bits(project(drawn.points.narrow(0, n, 1), drawn.clean.narrow(0, n, 1), alone)[0], projected[n]));
    }
  });
}

TEST(Projection, DoesNotDependOnTheMemoryFormat) {
  std::mt19937_64 random(1);
  const auto last = at::MemoryFormat::ChannelsLast;
  const Tensor clean = uniform_tensor(random, {4, 3, 5, 5}, 0, 1);
  const Tensor points = uniform_tensor(random, {4, 3, 5, 5}, -1, 2);
  for (const Norm norm : all_norms()) {
    const ThreatModel threat{.norm = norm, .epsilon = at::tensor({0.0, 0.125, 2.0, 60.0}, at::kDouble)};
    const Tensor projected = project(points.contiguous(last), clean.contiguous(last), threat);
    EXPECT_TRUE(projected.equal(project(points, clean, threat))) << name_of(norm);
  }
}

TEST(Projection, CompactedSetIsTheSetOfTheRowsLeft) {
  check_every_norm("compact keeps the active rows", [](const ProjectionCase& drawn) {
    const std::int64_t count = drawn.clean.size(0);
    RC_PRE(count > 0);
    const auto flags =
        *rc::gen::container<std::vector<bool>>(static_cast<std::size_t>(count), rc::gen::arbitrary<bool>());
    Tensor done = at::zeros({count}, at::kBool);
    for (std::int64_t n = 0; n < count; ++n) {
      done[n] = static_cast<bool>(flags[static_cast<std::size_t>(n)]);
    }
    FeasibleSet feasible(drawn.clean, drawn.threat);
    ActiveSet active(count);
    if (active.retire(done)) {
      feasible.compact(active);
    }
    Tensor points = drawn.points.index_select(0, active.rows());
    feasible.project_(points);
    RC_ASSERT(same_bits(points, project(drawn.points, drawn.clean, drawn.threat).index_select(0, active.rows())));
    RC_ASSERT(feasible.threat().epsilon.equal(drawn.threat.epsilon.index_select(0, active.rows())));
    RC_ASSERT(feasible.clean().equal(drawn.clean.index_select(0, active.rows())));
  });
}

TEST(Projection, LeavesItsArgumentsAlone) {
  check_every_norm("project() changes no argument", [](const ProjectionCase& drawn) {
    const Tensor points = drawn.points.clone();
    const Tensor clean = drawn.clean.clone();
    const Tensor epsilon = drawn.threat.epsilon.clone();
    static_cast<void>(project(drawn.points, drawn.clean, drawn.threat));
    RC_ASSERT(same_bits(points, drawn.points) && same_bits(clean, drawn.clean) && epsilon.equal(drawn.threat.epsilon));
  });
}

TEST(Projection, StaysInsideBoundsThatFloat32CannotHold) {
  // The nearest float32 to 0.3 is above it and the nearest to 0.1 too: the box is that of the float32 values.
  const Bounds bounds{0.1, 0.3};
  const Tensor clean = row({0.2F, 0.1F, 0.3F});
  for (const Norm norm : all_norms()) {
    const Tensor high = project(clean + 9, clean, threat_of(norm, 100, bounds));
    EXPECT_TRUE(same_bits(high, at::full({1, 3}, 0.3F, at::kFloat))) << name_of(norm);
    const Tensor low = project(clean - 9, clean, threat_of(norm, 100, bounds));
    EXPECT_TRUE(same_bits(low, at::full({1, 3}, 0.1F, at::kFloat))) << name_of(norm);
  }
}

TEST(Projection, L1WithEpsilonZeroIsCleanAlsoWhenSumsRound) {
  // Values of many magnitudes make float64 sums round, and a clean value of 0 absorbs no remainder.
  std::mt19937_64 random(1);
  for (const std::int64_t width : {3, 9, 64, 784}) {
    const Tensor clean = at::zeros({200, width}, at::kFloat);
    const Tensor points = uniform_tensor(random, {200, width}, 0, 1.5).pow(8);
    const ThreatModel threat{.norm = Norm::kL1, .epsilon = at::zeros({200}, at::kDouble)};
    EXPECT_TRUE(project(points, clean, threat).equal(clean)) << width;
  }
}

}  // namespace
}  // namespace faultline
