// Attacks on linear models: they fail just inside the exact distance and succeed just outside it.
#include <gtest/gtest.h>

#include "engine.h"
#include "faultline/core/distance.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/targets/fakes.h"
#include "golden/linear_checks.h"

namespace faultline {
namespace {

TEST(LinearGolden, TheClosedFormsAgreeWithTheNearestPoint) {
  const LinearGolden golden = two_classes();
  const Tensor distances = untargeted_distances(golden, Norm::kL2);
  const Tensor normal_to_border = golden.weight[0] - golden.weight[1];
  const Tensor unit = normal_to_border / normal_to_border.norm();
  const Tensor side = at::where(golden.batch.labels.eq(0), -1.0, 1.0).unsqueeze(1);
  const Tensor nearest = golden.batch.inputs.flatten(1) + side * unit * distances.unsqueeze(1);
  const Tensor logits = at::linear(nearest.to(at::kFloat), golden.weight, golden.bias);
  EXPECT_LT((logits.select(1, 0) - logits.select(1, 1)).abs().amax().item<double>(), 1e-4);
}

TEST(LinearGolden, PgdIsExactBetweenTwoClasses) {
  const LinearGolden golden = two_classes();
  for (const std::string loss : {"ce", "margin", "dlr"}) {
    for (const std::string start : {"clean", "random"}) {
      const std::string spec = "pgd:steps=200,loss=" + loss + ",start=" + start;
      expect_exact(golden, spec, Norm::kLinf, untargeted_distances(golden, Norm::kLinf));
      expect_exact(golden, spec, Norm::kL2, untargeted_distances(golden, Norm::kL2));
      // One element a step: the exact direction of steepest ascent in L1.
      expect_exact(golden, spec + ",l1-share=0", Norm::kL1, untargeted_distances(golden, Norm::kL1));
    }
  }
}

TEST(LinearGolden, PgdIsExactAmongFiveClasses) {
  const LinearGolden golden = five_blocks();
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    expect_exact(golden, "pgd:start=clean", norm, untargeted_distances(golden, norm));
    expect_exact(golden, "pgd:start=clean,momentum=0.75", norm, untargeted_distances(golden, norm));
  }
  // The loss also climbs its denominator, which costs nothing in Linf only.
  expect_exact(golden, "pgd:start=clean,loss=dlr", Norm::kLinf, untargeted_distances(golden, Norm::kLinf));
}

TEST(LinearGolden, MifgsmIsExactBetweenTwoClasses) {
  const LinearGolden golden = two_classes();
  for (const Norm norm : {Norm::kL2, Norm::kLinf}) {
    expect_exact(golden, "mifgsm", norm, untargeted_distances(golden, norm));
    expect_exact(golden, "mifgsm:steps=3,decay=0.5,loss=margin", norm, untargeted_distances(golden, norm),
                 1 - golden.batch.labels);
  }
}

TEST(LinearGolden, FgsmIsExactBetweenTwoClasses) {
  const LinearGolden golden = two_classes();
  for (const std::string loss : {"ce", "margin"}) {
    expect_exact(golden, "fgsm:loss=" + loss, Norm::kLinf, untargeted_distances(golden, Norm::kLinf));
    expect_exact(golden, "fgsm:loss=" + loss, Norm::kL2, untargeted_distances(golden, Norm::kL2));
    expect_exact(golden, "fgsm:l1-share=0,loss=" + loss, Norm::kL1, untargeted_distances(golden, Norm::kL1));
  }
}

TEST(LinearGolden, TargetedAttacksAreExact) {
  const LinearGolden two = two_classes();
  const Tensor other = 1 - two.batch.labels;
  for (const Norm norm : {Norm::kL2, Norm::kLinf}) {
    expect_exact(two, "pgd:start=clean", norm, untargeted_distances(two, norm), other);
    expect_exact(two, "fgsm", norm, untargeted_distances(two, norm), other);
  }
  const LinearGolden five = five_blocks();
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    expect_exact(five, "pgd:start=clean", norm, untargeted_distances(five, norm), runners_up(five));
  }
  for (const std::int64_t step : {1, 2, 3, 4}) {
    const Tensor targets = (five.batch.labels + step) % 5;
    const Tensor distances = targeted_linf_distances(five, targets);
    expect_exact(five, "pgd:steps=400,relative-step=0.01,start=clean", Norm::kLinf, distances, targets);
  }
}

TEST(LinearGolden, EachRowHasItsOwnBudget) {
  const LinearGolden golden = five_blocks();
  const Tensor even = at::arange(golden.batch.size(), at::kLong).remainder(2).eq(0);
  const Tensor distances = untargeted_distances(golden, Norm::kLinf);
  const Tensor epsilon = at::where(even, distances * 1.01, distances * 0.99);
  const std::vector<Outcome> seen =
      outcomes(golden, "pgd:start=clean,steps=60", threat_at(golden, Norm::kLinf, epsilon));
  for (std::size_t row = 0; row < seen.size(); ++row) {
    EXPECT_EQ(text_of(seen[row]), row % 2 == 0 ? "found" : "nothing") << "row " << row;
  }
}

/// The worst thing an attack can do: claim everything, at twice the budget.
AttackResult cheat(const LinearGolden& golden, const Batch& batch, const ThreatModel& threat) {
  const Tensor gap = golden.weight.index_select(0, batch.labels);
  const Tensor away = gap.sign().view_as(batch.inputs) * -2;
  return {batch.inputs + away * broadcast_rows(threat.epsilon, batch.inputs), at::ones({batch.size()}, at::kBool)};
}

TEST(LinearGolden, AFalseClaimIsRejectedAndNotCountedAsFound) {
  const LinearGolden golden = five_blocks();
  Plan plan{.command = "attack", .norm = Norm::kLinf, .epsilon = 1e3};
  plan.data.options.bounds = {-1e6, 1e6};
  plan.data.samples = golden.batch.size();
  plan.attacks.push_back({"cheat", {}});
  ConfiguredAttack attack;
  attack.info.name = "cheat";
  attack.run = [&](Target&, const Batch& batch, const ThreatModel& threat, const Rng&) {
    return cheat(golden, batch, threat);
  };
  TargetStack target(golden.make());
  ChunkResult chunk = attack_chunk(target, golden.batch, plan, {attack});
  for (const SampleRow& row : chunk.rows) {
    EXPECT_EQ(row.status, SampleRow::Status::kRobust);
    EXPECT_TRUE(row.witness.empty());
  }
  const Summary summary = summarise(plan, {.rows = chunk.rows, .costs = chunk.costs}, {});
  EXPECT_EQ(summary.rejected, golden.batch.size());
  EXPECT_EQ(summary.accepted, 0);
  EXPECT_EQ(summary.adversarial_errors, 0);
}

TEST(ConstantGolden, NothingIsFoundAndNothingIsClaimed) {
  const Tensor inputs = at::full({17, 4}, 0.5, at::kFloat);
  const Batch batch{inputs, at::zeros({17}, at::kLong), identify(inputs, 0), {}};
  for (const Tensor& logits : {at::tensor({1.0F, 0.0F, 0.5F}), at::zeros({3})}) {
    const TargetFactory make = [logits] { return std::make_unique<ConstantTarget>(logits); };
    for (const std::string spec : {"pgd:steps=5,restarts=2", "fgsm", "noise:draws=5"}) {
      for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
        TargetStack target(make);
        AttackCost cost;
        const ConfiguredAttack attack = parse_attack(spec, builtin_registries().attacks);
        const Attempt tried = attempt(target, attack, batch, uniform_threat(norm, 0.4, batch, {}), Rng(0), cost);
        EXPECT_FALSE(tried.result.claimed.any().item<bool>()) << spec;
        EXPECT_EQ(std::ranges::count(tried.outcomes, Outcome::kNothing), 17) << spec;
        EXPECT_TRUE(distance(tried.result.candidates, inputs, norm).le(0.4).all().item<bool>());
      }
    }
  }
}

}  // namespace
}  // namespace faultline
