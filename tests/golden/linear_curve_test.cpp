// Curves of linear models against their exact distances.
#include <gtest/gtest.h>

#include "engine.h"
#include "faultline/eval/curve_chunk.h"
#include "faultline/targets/fakes.h"
#include "golden/linear_models.h"

namespace faultline {
namespace {

Plan curve_plan(const LinearGolden& golden, Norm norm, double epsilon_max, double tolerance) {
  Plan plan{.command = "curve", .norm = norm};
  plan.data.options.bounds = golden.bounds;
  plan.data.samples = golden.batch.size();
  plan.curve = CurvePlan{.epsilon_max = epsilon_max, .tolerance = tolerance};
  set_attacks(plan, {"pgd:start=clean,l1-share=0"});
  return plan;
}

ChunkResult curve_of(const LinearGolden& golden, const Plan& plan) {
  TargetStack target(golden.make());
  return curve_chunk(target, golden.batch, plan, configured(plan));
}

/// Bounds of what a settled distance may be: the failed probe lies within the tolerance below the witness, and an exact
/// attack fails only below the distance (a step of pgd may miss the surface by a few float32 units, a thousandth is
/// ample).
void expect_settled(const ChunkResult& chunk, const Tensor& distances, double tolerance) {
  for (std::size_t row = 0; row < chunk.rows.size(); ++row) {
    const double exact = distances[static_cast<std::int64_t>(row)].item<double>();
    const double measured = distance_of(chunk.rows[row]);
    EXPECT_GE(measured, exact * (1 - 1e-6)) << "row " << row << ": nearer than any point can be";
    EXPECT_LE(measured * (1 - tolerance), exact * 1.001) << "row " << row << ": not settled within the tolerance";
  }
}

TEST(LinearCurve, FindsEveryDistanceWithinItsTolerance) {
  for (const LinearGolden& golden : {two_classes(), five_blocks()}) {
    for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
      for (const double tolerance : {0.02, 0.2}) {
        SCOPED_TRACE(std::string(name_of(norm)) + ", " + std::to_string(golden.weight.size(0)) + " classes");
        const Tensor distances = untargeted_distances(golden, norm);
        const double farthest = distances.amax().item<double>();
        const Plan plan = curve_plan(golden, norm, 4 * farthest, tolerance);
        expect_settled(curve_of(golden, plan), distances, tolerance);
      }
    }
  }
}

TEST(LinearCurve, FindsTheDistanceToATarget) {
  LinearGolden golden = five_blocks();
  const Tensor not_two = golden.batch.labels.ne(2).nonzero().squeeze(1);
  golden.batch = select(golden.batch, not_two);
  const Tensor distances = targeted_linf_distances(golden, at::full_like(golden.batch.labels, 2));
  Plan plan = curve_plan(golden, Norm::kLinf, 4 * distances.amax().item<double>(), 0.05);
  plan.goal = {.kind = Goal::Kind::kClass, .target = 2};
  set_attacks(plan, {"pgd:steps=400,relative-step=0.01,start=clean"});
  const ChunkResult chunk = curve_of(golden, plan);
  expect_settled(chunk, distances, 0.05);
  for (const SampleRow& row : chunk.rows) {
    EXPECT_EQ(row.verdict.prediction, 2);
  }
}

TEST(LinearCurve, NothingIsFoundBeyondTheLargestEpsilon) {
  const LinearGolden golden = two_classes();
  const Tensor distances = untargeted_distances(golden, Norm::kL2);
  const double median = distances.median().item<double>();
  const ChunkResult chunk = curve_of(golden, curve_plan(golden, Norm::kL2, median * 1.001, 0.02));
  for (std::size_t row = 0; row < chunk.rows.size(); ++row) {
    const double exact = distances[static_cast<std::int64_t>(row)].item<double>();
    EXPECT_EQ(std::isfinite(distance_of(chunk.rows[row])), exact <= median) << "row " << row << " at " << exact;
  }
}

TEST(LinearCurve, ProbesTheGivenEpsilonsExactly) {
  const LinearGolden golden = two_classes();
  const Tensor distances = untargeted_distances(golden, Norm::kLinf);
  const double exact = distances[0].item<double>();
  Plan plan = curve_plan(golden, Norm::kLinf, 100 * exact, 0.9);
  plan.curve->at = {exact * 0.999, exact * 1.001};
  const Batch first = select(golden.batch, at::tensor({0}, at::kLong));
  TargetStack target(golden.make());
  const ChunkResult chunk = curve_chunk(target, first, plan, configured(plan));
  const double measured = distance_of(chunk.rows.at(0));
  EXPECT_GT(measured, exact * 0.999);
  EXPECT_LE(measured, exact * 1.001) << "a tolerance of 0.9 does not excuse a given epsilon";
}

TEST(LinearCurve, NeverRisesAndStartsAtCleanAccuracy) {
  LinearGolden golden = five_blocks();
  golden.batch.labels = golden.batch.labels.clone();
  golden.batch.labels.narrow(0, 0, 4).add_(1).remainder_(5);  // four clean errors
  const Plan plan = curve_plan(golden, Norm::kL2, 20, 0.05);
  const ChunkResult chunk = curve_of(golden, plan);
  const Summary summary = summarise(plan, {.rows = chunk.rows, .costs = chunk.costs}, {});
  EXPECT_EQ(summary.clean_errors, 4);
  ASSERT_TRUE(summary.curve.has_value());
  EXPECT_EQ(summary.curve->survivors(0), summary.samples - 4);
  EXPECT_EQ(summary.curve->interval(0), summary.clean_accuracy);
  std::int64_t before = summary.samples - 4;
  for (const double epsilon : point_epsilons(plan)) {
    EXPECT_LE(summary.curve->survivors(epsilon), before) << "at " << epsilon;
    before = summary.curve->survivors(epsilon);
  }
  EXPECT_EQ(before, 0) << "a linear model has no sample farther than the largest epsilon";
  for (std::size_t row = 0; row < 4; ++row) {
    EXPECT_TRUE(chunk.rows[row].attempts.empty()) << "already wrong samples are not attacked";
    EXPECT_TRUE(
        chunk.witnesses[static_cast<std::int64_t>(row)].equal(golden.batch.inputs[static_cast<std::int64_t>(row)]));
  }
}

TEST(LinearCurve, AConstantModelHasNoDistances) {
  LinearGolden golden = two_classes();
  golden.weight = at::zeros_like(golden.weight);
  golden.bias = at::tensor({1.0F, 0.0F});
  golden.batch.labels = at::zeros_like(golden.batch.labels);
  const Plan plan = curve_plan(golden, Norm::kLinf, 10, 0.02);
  const ChunkResult chunk = curve_of(golden, plan);
  const Summary summary = summarise(plan, {.rows = chunk.rows, .costs = chunk.costs}, {});
  EXPECT_EQ(summary.curve->not_found(), golden.batch.size());
  EXPECT_EQ(summary.accepted + summary.rejected + summary.near_ties, 0);
  EXPECT_EQ(summary.curve->survivors(10), golden.batch.size());
}

TEST(EpsilonLadder, HasOneTwoFiveOverThreeDecadesAndTheLargest) {
  EXPECT_EQ(epsilon_ladder(0.3, {}),
            (std::vector<double>{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3}));
  EXPECT_EQ(epsilon_ladder(1, {}), (std::vector<double>{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1}));
  EXPECT_EQ(epsilon_ladder(20, {}), (std::vector<double>{0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20}));
}

TEST(EpsilonLadder, TakesTheGivenEpsilonsInOrderAndOnce) {
  const std::vector<double> ladder = epsilon_ladder(0.3, {0.1, 0.04, 8.0 / 255, 1e-9, 0.3});
  EXPECT_EQ(ladder,
            (std::vector<double>{1e-9, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 8.0 / 255, 0.04, 0.05, 0.1, 0.2, 0.3}));
}

}  // namespace
}  // namespace faultline
