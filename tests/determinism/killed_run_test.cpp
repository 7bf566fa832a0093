// More runs that are killed and resumed: other models, a curve, other workers.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "determinism/resumed_run.h"
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

ProgramRun preset_run() {
  return {"Preset",
          "attack",
          "mnist_lpd_mlp_b_0.1.pt",
          {"--norm", "linf", "--epsilon", "0.1", "--preset", "fast", "--batch", "16", "--limit", "800"},
          800};
}

class KilledRun : public ::testing::TestWithParam<ProgramRun> {};

TEST_P(KilledRun, ResumedEqualsUninterrupted) { expect_resumable(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Runs, KilledRun,
                         ::testing::Values(convolutional_run(), resnet_run(), curve_run(), preset_run()),
                         [](const auto& run) { return run.param.name; });

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
