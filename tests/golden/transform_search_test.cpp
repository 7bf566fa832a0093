// The worst case over a grid of transforms, against a plain loop over the same grid.
#include <gtest/gtest.h>

#include "engine.h"
#include "faultline/core/draws.h"
#include "faultline/core/margin.h"
#include "faultline/eval/transform_curve.h"

namespace faultline {
namespace {

constexpr std::int64_t kSamples = 200;

/// Renderings of every sample with one mutator's parameters.
Tensor rendered_all(const Tensor& inputs, const std::string& mutator, const std::vector<double>& values) {
  const MutatorRegistry::Entry& entry = builtin_registries().mutators.at(mutator);
  const Tensor copy = inputs.clone();
  for (std::int64_t i = 0; i < copy.size(0); ++i) {
    Draws draws(0);
    static_cast<void>(entry.apply(image_of(copy[i]), values, draws));
  }
  return copy;
}

/// Per sample the lowest margin over the points of a grid, and whether a margin is below -tau.
struct Worst {
  Tensor margins{};
  Tensor fails{};
};

Worst brute_force(const Engine& engine, const std::string& mutator, const std::vector<std::vector<double>>& grid) {
  const Batch batch = read_batch(engine.data(), 0, kSamples, {});
  TargetStack target(engine.make_target());
  Worst worst{at::full({kSamples}, 1e9, at::kFloat), at::zeros({kSamples}, at::kBool)};
  for (const std::vector<double>& values : grid) {
    const Tensor logits = target.padded().logits(rendered_all(batch.inputs, mutator, values));
    const Tensor margins = margin(logits, batch.labels);
    worst.margins = at::minimum(worst.margins, margins);
    worst.fails = worst.fails.logical_or(margins < -tau(logits));
  }
  return worst;
}

RunResult attacked(const Engine& engine, const std::vector<std::string>& attacks) {
  Plan plan = engine.plan({"fgsm"}, Norm::kLinf, 0, kSamples);
  plan.norm.reset();
  set_attacks(plan, attacks);
  return engine.run(plan);
}

void expect_equal(const RunResult& run, const Worst& worst) {
  std::int64_t found = 0;
  for (const SampleRow& row : run.rows) {
    if (row.status == SampleRow::Status::kCleanError) {
      continue;
    }
    const bool fails = worst.fails[row.id.index].item<bool>();
    EXPECT_EQ(row.status == SampleRow::Status::kFound, fails) << row.id.index;
    if (fails) {
      ++found;
      EXPECT_NEAR(row.verdict.margin, worst.margins[row.id.index].item<double>(), 1e-5) << row.id.index;
      EXPECT_TRUE(std::isnan(row.verdict.distance)) << "no norm measures a rotation";
    }
  }
  EXPECT_GT(found, 20);
}

TEST(TransformGrid, RotationAgreesWithBruteForce) {
  const Engine engine("mnist_wk17a.pt");
  std::vector<std::vector<double>> grid;
  for (int half = -60; half <= 60; ++half) {
    grid.push_back({half / 2.0});
  }
  expect_equal(attacked(engine, {"rotate:max-degrees=30"}), brute_force(engine, "rotate", grid));
}

TEST(TransformGrid, TranslationAgreesWithBruteForce) {
  const Engine engine("mnist_wk17a.pt");
  std::vector<std::vector<double>> grid;
  for (int dx = -3; dx <= 3; ++dx) {
    for (int dy = -3; dy <= 3; ++dy) {
      grid.push_back({static_cast<double>(dx), static_cast<double>(dy)});
    }
  }
  expect_equal(attacked(engine, {"translate:max-pixels=3"}), brute_force(engine, "translate", grid));
}

TEST(TransformGrid, AnEnsembleFailsWhereOneOfItsTransformsDoes) {
  const Engine engine("mnist_wk17a.pt");
  const RunResult both = attacked(engine, {"rotate:max-degrees=30", "translate:max-pixels=3"});
  const RunResult rotated = attacked(engine, {"rotate:max-degrees=30"});
  const RunResult moved = attacked(engine, {"translate:max-pixels=3"});
  const auto found = [](const SampleRow& row) { return row.status == SampleRow::Status::kFound; };
  for (std::size_t i = 0; i < both.rows.size(); ++i) {
    EXPECT_EQ(found(both.rows[i]), found(rotated.rows[i]) || found(moved.rows[i])) << i;
  }
}

TEST(TransformCurve, AgreesWithBruteForce) {
  const Engine engine("mnist_wk17a.pt");
  Plan plan = engine.plan({"fgsm"}, Norm::kLinf, 0, kSamples);
  plan.norm.reset();
  plan.command = "curve";
  set_attacks(plan, {"rotate:search=grid,queries=16,keep=first"});
  const CurveRange range = curve_range("rotate.degrees", builtin_registries().mutators, 28);
  plan.curve = CurvePlan{.at = {10, 20, 30}, .epsilon_max = 30, .over = range.axis};
  const RunResult curve = engine.run(plan);
  std::vector<Worst> worst;
  for (const double degrees : plan.curve->at) {
    worst.push_back(brute_force(engine, "rotate", {{-degrees}, {degrees}}));
  }
  for (const SampleRow& row : curve.rows) {
    double expected = std::numeric_limits<double>::infinity();
    for (std::size_t i = worst.size(); i-- > 0;) {
      expected = worst[i].fails[row.id.index].item<bool>() ? plan.curve->at[i] : expected;
    }
    EXPECT_EQ(distance_of(row), row.status == SampleRow::Status::kCleanError ? 0 : expected) << row.id.index;
  }
}

}  // namespace
}  // namespace faultline
