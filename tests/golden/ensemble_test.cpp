// Which rows an attack of an ensemble takes on.
#include <gtest/gtest.h>

#include "engine.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/eval/ensemble.h"
#include "faultline/targets/fakes.h"
#include "golden/linear_checks.h"

namespace faultline {
namespace {

using Rows = std::vector<std::int64_t>;

Rows to_rows(const Tensor& rows) {
  const Tensor host = rows.contiguous();
  return {host.const_data_ptr<std::int64_t>(), host.const_data_ptr<std::int64_t>() + host.numel()};
}

/// What became of an ensemble: the rows that each attack took on, where it began, and the rows that are left.
struct Course {
  std::vector<Rows> taken{};
  std::vector<std::size_t> passed_over{};
  Rows left{};
  std::vector<AttackCost> costs{};
};

Course run(const TargetFactory& make, const std::vector<ConfiguredAttack>& attacks, const Batch& batch,
           const ThreatModel& threat) {
  TargetStack target(make);
  Course course{.taken = std::vector<Rows>(attacks.size()), .costs = std::vector<AttackCost>(attacks.size())};
  course.left = to_rows(run_ensemble(
      target, attacks, batch, threat, course.costs,
      {.rng = [](std::size_t attack) { return Rng(attack); },
       .tried = [&](std::size_t attack, const Tensor& rows, const Attempt&) { course.taken[attack] = to_rows(rows); },
       .passed_over =
           [&](const Tensor& rows) { course.passed_over.push_back(static_cast<std::size_t>(rows.size(0))); }}));
  return course;
}

ConfiguredAttack parsed(const std::string& spec) { return parse_attack(spec, builtin_registries()); }

/// An attack that finds nothing and comes back with a point of its choice, as a share of the budget along ones.
ConfiguredAttack pretended(double share) {
  ConfiguredAttack attack = parsed("fgsm");
  attack.run = [share](Target&, const Batch& batch, const ThreatModel& threat, const Rng&) {
    return AttackResult{batch.inputs + broadcast_rows(threat.epsilon * share, batch.inputs),
                        at::zeros({batch.size()}, at::kBool)};
  };
  return attack;
}

TEST(Ensemble, AttacksWhatIsWithinReach) {
  const LinearGolden golden = two_classes();
  const Tensor distances = untargeted_distances(golden, Norm::kL2);
  // Rows in turn at half of what they need, just less than twice and just more than twice too little.
  const std::vector<double> missing{0.5, 1.95, 2.05};
  Tensor epsilon = distances.clone();
  Rows near;
  for (std::int64_t row = 0; row < golden.batch.size(); ++row) {
    const double factor = missing[static_cast<std::size_t>(row) % missing.size()];
    epsilon[row] = distances[row].item<double>() / factor;
    if (factor < 2) {
      near.push_back(row);
    }
  }
  const Course course =
      run(golden.make(), {parsed("fgsm:within=2")}, golden.batch, threat_at(golden, Norm::kL2, epsilon));
  EXPECT_EQ(course.taken[0], near);
  EXPECT_EQ(course.passed_over, std::vector{static_cast<std::size_t>(golden.batch.size()) - near.size()});
  EXPECT_EQ(course.costs[0].meter.backwards, golden.batch.size() + std::ssize(near)) << "one to look, one to attack";
}

TEST(Ensemble, MeasuresFromTheBestPointSoFar) {
  const LinearGolden golden = two_classes();
  // Linf: half way from an attack that comes back with its best point, fgsm.
  const Tensor distances = untargeted_distances(golden, Norm::kLinf);
  const ThreatModel threat = threat_at(golden, Norm::kLinf, distances * 0.9);
  EXPECT_EQ(run(golden.make(), {parsed("fgsm"), parsed("fgsm:within=0.2")}, golden.batch, threat).taken[1].size(),
            static_cast<std::size_t>(golden.batch.size()))
      << "a tenth of the distance is left, 1/9 of epsilon";
  EXPECT_TRUE(run(golden.make(), {parsed("fgsm:within=0.2")}, golden.batch, threat).taken[0].empty());
}

TEST(Ensemble, DoesNotBelieveADeadGradient) {
  const Tensor inputs = at::full({19, 3, 2}, 0.5, at::kFloat);
  const Batch batch{inputs, at::zeros({19}, at::kLong), identify(inputs, 0), {}};
  const TargetFactory make = [] { return std::make_unique<ConstantTarget>(at::tensor({2.0F, 0.0F, 1.0F})); };
  const Course course = run(make, {parsed("fgsm:within=0.001")}, batch, uniform_threat(Norm::kLinf, 0.1, batch, {}));
  EXPECT_EQ(course.taken[0].size(), 19U);
}

TEST(Ensemble, DoesNotBelieveAGradientThatNothingIsFarEnoughFor) {
  // One class leads by 2 and the gradient is a millionth: no input in the box would be misclassified.
  const Tensor weight = at::tensor({1e-6F, 1e-6F, 0.0F, 0.0F}).view({2, 2});
  const TargetFactory make = [weight] { return std::make_unique<LinearTarget>(weight, at::tensor({2.0F, 0.0F})); };
  const Tensor inputs = at::full({19, 2}, 0.5, at::kFloat);
  const Batch batch{inputs, at::zeros({19}, at::kLong), identify(inputs, 0), {}};
  const Course course = run(make, {parsed("fgsm:within=0.001")}, batch, uniform_threat(Norm::kLinf, 0.1, batch, {}));
  EXPECT_EQ(course.taken[0].size(), 19U);
}

/// A linear model whose gradient is not its own.
class AstrayTarget : public LinearTarget {
 public:
  AstrayTarget(const Tensor& weight, const Tensor& bias, double share) : LinearTarget(weight, bias), share_(share) {}

  Linearization linearize(const Tensor& inputs) override {
    Linearization here = LinearTarget::linearize(inputs);
    return {here.logits, [pullback = here.pullback, share = share_](const Tensor& cotangent) {
              return pullback(cotangent) * share;
            }};
  }

 private:
  double share_;
};

TEST(Ensemble, DoesNotBelieveAGradientThatDoesNotKeepItsPromise) {
  const LinearGolden golden = two_classes();
  const ThreatModel threat = threat_at(golden, Norm::kLinf, untargeted_distances(golden, Norm::kLinf) * 0.2);
  const auto taken = [&](double share) {
    const auto make = [&] { return std::make_unique<AstrayTarget>(golden.weight, golden.bias, share); };
    return run(make, {parsed("fgsm:within=0.01")}, golden.batch, threat).taken[0].size();
  };
  EXPECT_EQ(taken(1), 0U) << "as far as four epsilons away";
  EXPECT_EQ(taken(-1), static_cast<std::size_t>(golden.batch.size())) << "away from the boundary";
  EXPECT_EQ(taken(20), static_cast<std::size_t>(golden.batch.size())) << "a twentieth of what it says";
}

TEST(Ensemble, TheCleanInputIsNoAttackToDisagreeWith) {
  const LinearGolden golden = two_classes();
  const ThreatModel threat = threat_at(golden, Norm::kLinf, untargeted_distances(golden, Norm::kLinf) * 0.6);
  const Course course = run(golden.make(), {parsed("fgsm:within=2"), parsed("fgsm:within=0.1")}, golden.batch, threat);
  EXPECT_EQ(course.taken[0].size(), static_cast<std::size_t>(golden.batch.size()));
  EXPECT_TRUE(course.taken[1].empty()) << "what the first came to differs from the clean input, not from another";
}

TEST(Ensemble, TriesAgainWhereAttacksDisagree) {
  const Tensor weight = at::tensor({-1.0F, -1.0F, 0.0F, 0.0F}).view({2, 2});  // ones lead to the boundary
  const TargetFactory make = [weight] { return std::make_unique<LinearTarget>(weight, at::tensor({2.0F, 0.0F})); };
  const Tensor inputs = at::full({19, 2}, 0.1, at::kFloat);
  const Batch batch{inputs, at::zeros({19}, at::kLong), identify(inputs, 0), {}};
  const ThreatModel threat = uniform_threat(Norm::kLinf, 0.1, batch, {});
  // At the clean input the margin is 1.8; half the budget along ones takes 0.1 off it.
  const auto taken = [&](double first, double second) {
    return run(make, {pretended(first), pretended(second), parsed("fgsm:within=1")}, batch, threat).taken[2].size();
  };
  EXPECT_EQ(taken(0.5, 0.5), 0U) << "they agree";
  EXPECT_EQ(taken(-0.5, 0.5), 19U) << "they differ by 0.2, more than a tenth of what is left";
  EXPECT_EQ(taken(0.5, -0.5), 19U);
  EXPECT_EQ(taken(0.2, 0.5), 0U) << "they differ by 0.06";
}

TEST(Ensemble, BeginsAtTheBestPointWhenToldSo) {
  const LinearGolden golden = two_classes();
  const ThreatModel threat = threat_at(golden, Norm::kLinf, untargeted_distances(golden, Norm::kLinf) * 0.5);
  ConfiguredAttack last = parsed("pgd:from=best");
  Tensor began;
  last.run = [&](Target&, const Batch& batch, const ThreatModel&, const Rng&) {
    began = batch.starts;
    return AttackResult{batch.inputs, at::zeros({batch.size()}, at::kBool)};
  };
  Tensor reached;
  ConfiguredAttack first = parsed("fgsm");
  first.run = [run = first.run, &reached](Target& target, const Batch& batch, const ThreatModel& budget,
                                          const Rng& rng) {
    AttackResult result = run(target, batch, budget, rng);
    reached = result.candidates;
    return result;
  };
  (void)run(golden.make(), {first, pretended(0), last}, golden.batch, threat);
  EXPECT_TRUE(began.equal(reached)) << "not at that of the last attack, which is worse";
}

}  // namespace
}  // namespace faultline
