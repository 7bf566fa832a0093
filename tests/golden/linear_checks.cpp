#include "golden/linear_checks.h"

#include <gtest/gtest.h>

#include "engine.h"
#include "faultline/eval/attack_spec.h"

namespace faultline {

ThreatModel threat_at(const LinearGolden& golden, Norm norm, const Tensor& epsilon) {
  return {.norm = norm, .epsilon = epsilon, .bounds = golden.bounds};
}

std::vector<Outcome> outcomes(const LinearGolden& golden, const std::string& spec, const ThreatModel& threat) {
  TargetStack target(golden.make());
  AttackCost cost;
  const ConfiguredAttack attack = parse_attack(spec, builtin_registries().attacks);
  return attempt(target, attack, golden.batch, threat, Rng(3), cost).outcomes;
}

std::string text_of(Outcome outcome) {
  return std::vector<std::string>{"nothing", "found", "near tie", "rejected"}.at(static_cast<std::size_t>(outcome));
}

void expect_exact(const LinearGolden& golden, const std::string& spec, Norm norm, const Tensor& distances,
                  const Tensor& targets) {
  SCOPED_TRACE(spec + ", " + std::string(name_of(norm)) + (targets.defined() ? ", targeted" : ""));
  ASSERT_GT(golden.batch.size(), 15);
  ThreatModel threat = threat_at(golden, norm, distances * 0.99);
  threat.targets = targets;
  const std::vector<Outcome> inside = outcomes(golden, spec, threat);
  threat.epsilon = distances * 1.01;
  const std::vector<Outcome> outside = outcomes(golden, spec, threat);
  for (std::size_t row = 0; row < inside.size(); ++row) {
    EXPECT_EQ(text_of(inside[row]), "nothing") << "row " << row << " at 0.99 of its distance";
    EXPECT_EQ(text_of(outside[row]), "found") << "row " << row << " at 1.01 of its distance";
  }
}

}  // namespace faultline
