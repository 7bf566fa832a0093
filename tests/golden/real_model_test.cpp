// Counts of the real models on the first thousand images. Clean errors are exact; a plain loop in PyTorch gives the
// same adversarial errors.
#include <gtest/gtest.h>

#include "engine.h"
#include "golden/real_runs.h"

namespace faultline {
namespace {

TEST(RealModels, ConvolutionalNetworkHasItsKnownErrors) { expect_known(kWk17a, 1000, {20, 51, 1}); }

TEST(RealModels, PerceptronsHaveTheirKnownErrors) {
  expect_known(kLpd, 1000, {50, 166, 1});
  expect_known(kAdv, 1000, {37, 195, 1});
  expect_known(kNor, 1000, {19, 116, 1});
}

TEST(RealModels, ResNetIsRightOnNinetyFourOfAHundredImages) {
  const Engine engine("cifar10_resnet20.pt");
  const Summary summary = engine.summary(engine.plan({"noise:draws=1"}, Norm::kLinf, 0, 100));
  EXPECT_EQ(summary.clean_errors, 6);
  EXPECT_EQ(summary.adversarial_errors, 6) << "epsilon 0 breaks nothing";
}

}  // namespace
}  // namespace faultline
