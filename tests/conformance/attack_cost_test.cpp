// What attacks cost, by the meter.
#include <gtest/gtest.h>

#include "conformance/subjects.h"
#include "engine.h"
#include "faultline/core/number.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/eval/preset.h"
#include "faultline/targets/fakes.h"
#include "faultline/targets/metered.h"

namespace faultline {
namespace {

struct Cost {
  Meter meter;
  std::int64_t rows = 0;
};

/// The cost on samples that cannot be broken: nobody leaves early.
Cost cost_on_unbreakable(const std::string& spec, Norm norm) {
  constexpr std::int64_t kRows = 19;
  const Tensor inputs = at::full({kRows, 3, 2}, 0.5, at::kFloat);
  const Batch batch{inputs, at::zeros({kRows}, at::kLong), identify(inputs, 0), {}};
  ConstantTarget constant(at::tensor({2.0F, 0.0F, 1.0F}));
  MeteredTarget metered(constant);
  const ConfiguredAttack attack = parse_attack(spec, builtin_registries().attacks);
  static_cast<void>(attack.run(metered, batch, uniform_threat(norm, 0.25, batch, {}), Rng(0)));
  return {metered.meter(), kRows};
}

/// The cost on a linear model at budgets where many samples are broken, each alone so that its own cost is seen.
std::vector<Meter> costs_on_breakable(const std::string& spec, Norm norm) {
  const ConformanceSubject subject = linear_subject({0, 1});
  const ConfiguredAttack attack = parse_attack(spec, builtin_registries().attacks);
  std::vector<Meter> meters;
  for (std::int64_t row = 0; row < subject.batch.size(); ++row) {
    TargetStack target(subject.make);
    MeteredTarget metered(target.padded());
    const Batch one = select(subject.batch, at::tensor({row}, at::kLong));
    static_cast<void>(attack.run(metered, one, uniform_threat(norm, 0.3, one, subject.bounds), Rng(0)));
    meters.push_back(metered.meter());
  }
  return meters;
}

void expect_cost(const std::string& spec, Norm norm, std::int64_t forwards, std::int64_t backwards) {
  SCOPED_TRACE(spec + ", " + std::string(name_of(norm)));
  const Cost cost = cost_on_unbreakable(spec, norm);
  EXPECT_EQ(cost.meter.forwards, forwards * cost.rows);
  EXPECT_EQ(cost.meter.backwards, backwards * cost.rows);
  for (const Meter& meter : costs_on_breakable(spec, norm)) {
    EXPECT_LE(meter.forwards, forwards);
    EXPECT_LE(meter.backwards, backwards);
    EXPECT_GE(meter.forwards, 1);
  }
}

TEST(AttackCost, PgdAsksOncePerStepAndOnceAtTheEnd) {
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    expect_cost("pgd:steps=40,start=clean", norm, 41, 40);
  }
  expect_cost("pgd:steps=5,restarts=3,start=random,momentum=0.5,loss=ce", Norm::kLinf, 18, 15);
}

TEST(AttackCost, AutoPgdAsksOncePerStepAndOnceAtTheEndOfARadius) {
  for (const Norm norm : {Norm::kL2, Norm::kLinf}) {
    expect_cost("apgd:steps=40", norm, 41, 40);
  }
  expect_cost("apgd:steps=40", Norm::kL1, 43, 40);
  expect_cost("apgd:steps=40,l1-radii=budget", Norm::kL1, 41, 40);
  expect_cost("apgd:steps=5,restarts=3", Norm::kLinf, 18, 15);
}

TEST(AttackCost, TargetedAutoPgdAsksOnceMoreForTheOrder) {
  expect_cost("apgd-t:steps=10,targets=2", Norm::kLinf, 1 + 2 * 11, 20);
  const Cost linearised = cost_on_unbreakable("apgd-t:steps=10,targets=1,order=linearised", Norm::kL2);
  EXPECT_EQ(linearised.meter.forwards, 12 * linearised.rows);
  EXPECT_EQ(linearised.meter.backwards, (2 + 10) * linearised.rows) << "one for each of two wrong classes";
}

TEST(AttackCost, FgsmTakesTwoForwardsAndOneBackward) {
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    expect_cost("fgsm", norm, 2, 1);
  }
}

TEST(AttackCost, MifgsmAsksOncePerStepAndOnceAtTheEnd) {
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    expect_cost("mifgsm:steps=7", norm, 8, 7);
  }
}

TEST(AttackCost, NoiseTakesOneForwardPerDraw) {
  for (const Norm norm : {Norm::kL0, Norm::kL1, Norm::kL2, Norm::kLinf}) {
    expect_cost("noise:draws=12", norm, 12, 0);
  }
  expect_cost("noise:draws=3,kind=gaussian", Norm::kL2, 3, 0);
  expect_cost("noise:draws=3,kind=salt-and-pepper", Norm::kLinf, 3, 0);
}

TEST(AttackCost, SquareAsksOncePerQueryAndForItsStart) {
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    expect_cost("square:queries=30", norm, 31, 0);
  }
  expect_cost("square:queries=30,variant=published", Norm::kLinf, 32, 0);
}

TEST(AttackCost, FabAsksOncePerStepAndABackwardForEachClass) {
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    expect_cost("fab-t:steps=12,targets=2", norm, 1 + 2 * 13, 24);
    const Cost cost = cost_on_unbreakable("fab:steps=12", norm);
    EXPECT_EQ(cost.meter.forwards, 13 * cost.rows);
    EXPECT_EQ(cost.meter.backwards, 2 * 12 * cost.rows) << "two wrong classes";
  }
  expect_cost("fab-t:steps=12,targets=2,variant=published", Norm::kL2, 2 * (2 * 12 + 3), 24);
}

TEST(AttackCost, ExpectationMakesEachCallSeveralTimes) {
  expect_cost("apgd:steps=10,eot=3", Norm::kLinf, 33, 30);
  expect_cost("apgd-t:steps=10,targets=2,eot=3", Norm::kLinf, 1 + 2 * 33, 60);
  expect_cost("pgd:steps=10,eot=3", Norm::kLinf, 33, 30);
}

TEST(AttackCost, StartsByOtherMeansCostExtra) {
  expect_cost("apgd:steps=10,start=diverse,restarts=2", Norm::kLinf, 2 * (11 + 7), 2 * (10 + 7));
  expect_cost("apgd:steps=10,start=search,search=20", Norm::kLinf, 11 + 21, 10);
}

/// Forwards and backwards of one sample that withstands all attacks of a preset on a model of ten classes.
std::vector<std::pair<std::int64_t, std::int64_t>> costs_of_preset(const std::string& name, Norm norm) {
  const Tensor inputs = at::full({1, 3, 2}, 0.5, at::kFloat);
  const Batch batch{inputs, at::zeros({1}, at::kLong), identify(inputs, 0), {}};
  ConstantTarget of_ten_classes(at::arange(10, at::kFloat).neg());
  std::vector<std::pair<std::int64_t, std::int64_t>> costs;
  for (const std::string& spec : find_preset(name).attacks(norm)) {
    MeteredTarget metered(of_ten_classes);
    const ConfiguredAttack attack = parse_attack(spec, builtin_registries().attacks);
    static_cast<void>(attack.run(metered, batch, uniform_threat(norm, 0.25, batch, {}), Rng(0)));
    costs.emplace_back(metered.meter().forwards, metered.meter().backwards);
  }
  return costs;
}

TEST(AttackCost, OfAutoAttackIsAsPublished) {
  using Costs = std::vector<std::pair<std::int64_t, std::int64_t>>;
  const Costs standard{{102, 101}, {918, 909}, {1827, 900}, {5002, 0}};
  EXPECT_EQ(costs_of_preset("autoattack-standard", Norm::kLinf), standard);
  EXPECT_EQ(costs_of_preset("autoattack-standard", Norm::kL2), standard);
  const Costs rand{{2021, 2020}, {2021, 2020}};
  EXPECT_EQ(costs_of_preset("rand", Norm::kLinf), rand);
}

/// The numbers of a preset's cost, in their order.
std::vector<std::int64_t> numbers_of(const std::string& text) {
  std::vector<std::int64_t> numbers;
  std::string digits;
  for (const char letter : text + " ") {
    if (std::isdigit(static_cast<unsigned char>(letter)) != 0) {
      digits += letter;
    } else if (letter != ',' && !digits.empty()) {
      numbers.push_back(std::stoll(digits));
      digits.clear();
    }
  }
  return numbers;
}

TEST(AttackCost, OfOurPresetsIsWhatTheListSays) {
  // Without a gradient a sample gets all there is; far from failing, what is not limited. One look after each attack
  // that another follows: a forward and a backward, and a forward for a step along the gradient, two where the first
  // does not do what the gradient says.
  for (const char* const name : {"fast", "thorough"}) {
    const Preset& preset = find_preset(name);
    std::vector<std::int64_t> far{0, 0};
    std::vector<std::int64_t> near{0, 0};
    const auto costs = costs_of_preset(name, Norm::kLinf);
    for (std::size_t i = 0; i < costs.size(); ++i) {
      const int look = i + 1 < costs.size() ? 1 : 0;
      const bool limited = preset.attacks(Norm::kLinf)[i].find("within=") != std::string::npos;
      far[0] += limited ? 0 : costs[i].first + 2 * look;
      far[1] += limited ? 0 : costs[i].second + look;
      near[0] += costs[i].first + 3 * look;
      near[1] += costs[i].second + look;
    }
    EXPECT_EQ(numbers_of(preset.cost), (std::vector{far[0], far[1], near[0], near[1]})) << name;
  }
}

TEST(AttackCost, IsWhatTheListSays) {
  const Tensor inputs = at::full({1, 3, 2}, 0.5, at::kFloat);
  const Batch batch{inputs, at::zeros({1}, at::kLong), identify(inputs, 0), {}};
  ConstantTarget of_ten_classes(at::arange(10, at::kFloat).neg());
  for (const AttackRegistry::Entry& entry : builtin_registries().attacks.entries()) {
    if (entry.info.kind == AttackKind::kTransforms) {
      continue;  // it searches a space, not a ball; transform_search_test counts its queries
    }
    MeteredTarget metered(of_ten_classes);
    const ConfiguredAttack attack = parse_attack(entry.info.name, builtin_registries().attacks);
    static_cast<void>(attack.run(metered, batch, uniform_threat(Norm::kLinf, 0.25, batch, {}), Rng(0)));
    const Meter meter = metered.meter();
    const std::string backwards = meter.backwards == 0 ? "" : " + " + std::to_string(meter.backwards) + " B";
    EXPECT_EQ(std::to_string(meter.forwards) + " F" + backwards, entry.info.cost) << entry.info.name;
  }
}

TEST(AttackCost, BrokenSamplesStopCosting) {
  std::int64_t forwards = 0;
  const std::vector<Meter> meters = costs_on_breakable("pgd:steps=40,start=clean", Norm::kLinf);
  for (const Meter& meter : meters) {
    forwards += meter.forwards;
  }
  EXPECT_LT(forwards, 41 * static_cast<std::int64_t>(meters.size()) / 2);
}

}  // namespace
}  // namespace faultline
