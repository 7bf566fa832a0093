// Every attack and every preset gives the same rows whatever carries it out.
#include <gtest/gtest.h>

#include "determinism/one_result.h"
#include "faultline/eval/preset.h"

namespace faultline {
namespace {

TEST(Execution, DoesNotChangeAnyPreset) {
  const Engine engine("mnist_lpd_mlp_b_0.1.pt");
  for (const Preset& preset : presets()) {
    SCOPED_TRACE(preset.name);
    Plan plan = engine.plan(preset.attacks(Norm::kLinf), Norm::kLinf, middling_epsilon(Norm::kLinf), 20);
    shift(plan);
    expect_one_result(engine, plan);
  }
}

TEST(Execution, DoesNotChangeAnyAttack) {
  const Engine engine("mnist_lpd_mlp_b_0.1.pt");
  for (const AttackRegistry::Entry& entry : builtin_registries().attacks.entries()) {
    if (entry.info.kind == AttackKind::kTransforms) {
      continue;  // they have tests of their own
    }
    SCOPED_TRACE(entry.info.name);
    const std::string spec = entry.info.name == "square" ? "square:queries=300" : entry.info.name;
    for (const Norm norm : entry.info.norms) {
      Plan plan = engine.plan({spec}, norm, middling_epsilon(norm), 30);
      shift(plan);
      expect_one_result(engine, plan, Finds::kPerhaps);
    }
  }
}

}  // namespace
}  // namespace faultline
