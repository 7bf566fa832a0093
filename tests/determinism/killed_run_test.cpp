// More runs that are killed and resumed: other models, a curve, other workers.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "determinism/one_result.h"
#include "determinism/resumed_run.h"
#include "faultline/eval/preset.h"
#include "models.h"

namespace faultline {
namespace {

ProgramRun convolutional_run() {
  return {"Convolutional",
          "attack",
          "mnist_wk17a.pt",
          {"--norm", "l2", "--epsilon", "1", "--attack", "pgd:steps=20,relative-step=0.1", "--batch", "10", "--limit",
           "600"},
          600};
}

ProgramRun resnet_run() {
  return {"ResNet",
          "attack",
          "cifar10_resnet20.pt",
          {"--norm", "linf", "--epsilon", "1/255", "--attack", "pgd:steps=4,relative-step=0.4", "--batch", "4",
           "--limit", "100"},
          100};
}

ProgramRun curve_run() {
  return {"Curve",
          "curve",
          "mnist_lpd_mlp_b_0.1.pt",
          {"--norm", "linf", "--attack", "pgd:steps=20,relative-step=0.1", "--batch", "16", "--limit", "400"},
          400};
}

/// A run of one attack or preset, long enough to be killed on its way.
ProgramRun run_of(const std::string& flag, const std::string& what, Norm norm, std::size_t samples) {
  return {what,
          "attack",
          "mnist_lpd_mlp_b_0.1.pt",
          {"--norm", std::string(name_of(norm)), "--epsilon", std::to_string(middling_epsilon(norm)), flag, what,
           "--batch", "16", "--limit", std::to_string(samples)},
          samples};
}

class KilledRun : public ::testing::TestWithParam<ProgramRun> {};

TEST_P(KilledRun, ResumedEqualsUninterrupted) { expect_resumable(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Runs, KilledRun, ::testing::Values(convolutional_run(), resnet_run(), curve_run()),
                         [](const auto& run) { return run.param.name; });

TEST(ResumedRun, OfAnyAttackEqualsUninterrupted) {
  for (const AttackRegistry::Entry& entry : builtin_registries().attacks.entries()) {
    SCOPED_TRACE(entry.info.name);
    if (entry.info.kind == AttackKind::kTransforms) {
      continue;  // they have tests of their own
    }
    const std::string spec = entry.info.name == "square" ? "square:queries=300" : entry.info.name;
    const bool quick = spec == "fgsm" || spec == "mifgsm" || spec == "noise";
    expect_resumable(run_of("--attack", spec, entry.info.norms.back(), quick ? 6000 : 400));
  }
}

TEST(ResumedRun, OfAnyPresetEqualsUninterrupted) {
  for (const Preset& preset : presets()) {
    SCOPED_TRACE(preset.name);
    expect_resumable(run_of("--preset", preset.name, Norm::kLinf, preset.name == "fast" ? 800 : 64));
  }
}

TEST(ResumedRun, MayUseOtherWorkersAndBatches) {
  const ProgramRun run = perceptron_run();
  const TemporaryFolder folder;
  ASSERT_NO_FATAL_FAILURE(expect_done(run, folder.path() / "whole"));
  interrupt(run, folder.path() / "killed", SIGKILL, /*share=*/0.3);
  ProgramRun other = run;
  std::ranges::replace(other.flags, "20", "33");
  *std::next(std::ranges::find(other.flags, "--workers")) = "1";
  ASSERT_NO_FATAL_FAILURE(expect_done(other, folder.path() / "killed", {"--resume"}));
  EXPECT_EQ(sorted_rows(folder.path() / "killed"), sorted_rows(folder.path() / "whole"));
}

}  // namespace
}  // namespace faultline
