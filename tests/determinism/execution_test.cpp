// A run gives the same rows whatever carries it out: workers, batch sizes, shards.
#include <gtest/gtest.h>

#include "determinism/one_result.h"

namespace faultline {
namespace {

TEST(Execution, DoesNotChangeAnEnsembleOnAPerceptron) {
  const Engine engine("mnist_lpd_mlp_b_0.1.pt");
  const std::vector<std::string> attacks{"fgsm", "noise:draws=3,kind=gaussian",
                                         "pgd:steps=8,restarts=2,momentum=0.5,relative-step=0.3"};
  for (const auto& [norm, epsilon] : {std::pair{Norm::kLinf, 0.1}, {Norm::kL2, 1.0}, {Norm::kL1, 10.0}}) {
    Plan plan = engine.plan(attacks, norm, epsilon, 213);
    shift(plan);
    expect_one_result(engine, plan);
    plan.goal = {.kind = norm == Norm::kLinf ? Goal::Kind::kRandom : Goal::Kind::kLeastLikely};
    plan.epsilon *= 3;
    expect_one_result(engine, plan);
  }
}

TEST(Execution, DoesNotChangeACurveOfAPerceptron) {
  const Engine engine("mnist_lpd_mlp_b_0.1.pt");
  Plan plan = engine.curve_plan({"fgsm", "pgd:steps=5,relative-step=0.3"}, Norm::kLinf, 0.3, 213);
  shift(plan);
  plan.curve->at = {0.1, 8.0 / 255};
  expect_one_result(engine, plan);
}

TEST(Execution, DoesNotChangeAConvolutionalNetwork) {
  const Engine engine("mnist_wk17a.pt");
  Plan plan = engine.plan({"pgd:steps=5,relative-step=0.3"}, Norm::kLinf, 0.15, 513);
  shift(plan);
  expect_one_result(engine, plan);
}

TEST(Execution, DoesNotChangeACurveOfAConvolutionalNetwork) {
  const Engine engine("mnist_wk17a.pt");
  Plan plan = engine.curve_plan({"pgd:steps=3,relative-step=0.4"}, Norm::kL2, 4, 105);
  plan.curve->tolerance = 0.1;
  shift(plan);
  expect_one_result(engine, plan);
}

TEST(Execution, DoesNotChangeAResNet) {
  const Engine engine("cifar10_resnet20.pt");
  expect_one_result(engine, engine.plan({"pgd:steps=2,relative-step=0.5"}, Norm::kLinf, 1.0 / 255, 24));
  Plan curve = engine.curve_plan({"pgd:steps=1,relative-step=1"}, Norm::kLinf, 1.0 / 255, 18);
  curve.curve->tolerance = 0.9;
  expect_one_result(engine, curve);
}

TEST(Execution, ShardsMakeTheWhole) {
  const Engine engine("mnist_lpd_mlp_b_0.1.pt");
  Plan attack = engine.plan({"pgd:steps=5,relative-step=0.3"}, Norm::kLinf, 0.1, 513);
  Plan curve = engine.curve_plan({"pgd:steps=5,relative-step=0.3"}, Norm::kLinf, 0.3, 513);
  for (Plan plan : {attack, curve}) {
    SCOPED_TRACE(plan.command);
    shift(plan);
    const std::vector<std::string> whole = lines_of(engine.run(plan));
    std::vector<std::string> shards;
    for (const auto& [offset, samples] : {std::pair{7, 93}, {100, 1}, {101, 232}, {333, 187}}) {
      plan.data.offset = offset;
      plan.data.samples = samples;
      const std::vector<std::string> lines = lines_of(engine.run(plan));
      shards.insert(shards.end(), lines.begin(), lines.end());
    }
    expect_same_lines(shards, whole);
  }
}

TEST(Execution, AnotherSeedGivesOtherRows) {
  const Engine engine("mnist_lpd_mlp_b_0.1.pt");
  Plan plan = engine.plan({"pgd:steps=5,relative-step=0.3"}, Norm::kLinf, 0.1, 300);
  const std::vector<std::string> lines = lines_of(engine.run(plan));
  plan.seed = 1;
  EXPECT_NE(lines_of(engine.run(plan)), lines);
}

}  // namespace
}  // namespace faultline
