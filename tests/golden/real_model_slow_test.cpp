// Counts of the real models on all 10,000 images: published ones, and exact ones that no sound attack exceeds.
#include <gtest/gtest.h>

#include "engine.h"
#include "faultline/eval/preset.h"
#include "golden/real_runs.h"

namespace faultline {
namespace {

constexpr std::int64_t kAll = 10000;

TEST(RealModelsInFull, HaveTheirKnownErrors) {
  expect_known(kWk17a, kAll, {189, 414, 2});
  expect_known(kLpd, kAll, {409, 1344, 2});
  expect_known(kAdv, kAll, {333, 1589, 2});
  expect_known(kNor, kAll, {205, 1009, 2});
}

/// A strong attack finds at least what a weak one finds, and never more than there is.
void expect_sound(const KnownRun& run, std::int64_t proven_errors) {
  SCOPED_TRACE(run.model);
  const Engine engine(run.model);
  const Plan plan = engine.plan({"pgd:steps=100,restarts=5,loss=margin,start=random"}, Norm::kLinf, run.epsilon, kAll);
  const Summary strong = engine.summary(plan);
  EXPECT_GE(strong.adversarial_errors, run_forty_steps(run, kAll).adversarial_errors);
  EXPECT_LE(strong.adversarial_errors, proven_errors) << "more errors than there are: a witness is no witness";
  EXPECT_EQ(strong.rejected, 0);
}

// Exact: mixed-integer programming, Tjeng et al. 2019.
TEST(RealModelsInFull, ConvolutionalNetworkStaysBelowItsProvenErrors) { expect_sound(kWk17a, 438); }

// Exact: Salman et al. 2019.
TEST(RealModelsInFull, PerceptronStaysBelowItsProvenErrors) { expect_sound(kLpd, 1445); }

/// What a run finds, and that nothing is claimed in vain.
std::int64_t errors_of_preset(const std::string& preset, const KnownRun& run, std::int64_t samples) {
  const Engine engine(run.model);
  const Plan plan = engine.plan(find_preset(preset).attacks(Norm::kLinf), Norm::kLinf, run.epsilon, samples);
  // In large batches: the few samples of one that withstand long cost as much as sixteen.
  const Summary summary = engine.summary(plan, {.batch = 500});
  EXPECT_EQ(summary.rejected, 0);
  return summary.adversarial_errors;
}

/// `least` is what a crude ensemble of ODI starts with 20 restarts found, or, of the convolutional network, a little
/// more.
void expect_strong(const KnownRun& run, std::int64_t least, std::int64_t proven_errors) {
  SCOPED_TRACE(run.model);
  const std::int64_t errors = errors_of_preset("fast", run, kAll);
  EXPECT_GE(errors, least);
  EXPECT_LE(errors, proven_errors) << "more errors than there are: a witness is no witness";
}

TEST(Presets, FastFindsNearlyAllThereIs) {
  expect_strong(kWk17a, 432, 438);
  expect_strong(kLpd, 1428, 1445);
  expect_strong(kAdv, 1672, 3437);
  expect_strong(kNor, 1023, 1348);
}

TEST(Presets, AutoAttackFindsWhatItsReferenceFinds) {
  // The reference implementation: 177 of the first 1,000.
  EXPECT_NEAR(static_cast<double>(errors_of_preset("autoattack-standard", kLpd, 1000)), 177, 1);
}

TEST(Presets, LeaveNothingOfANetworkWithoutDefence) {
  for (const std::string preset : {"fast", "autoattack-standard"}) {
    EXPECT_EQ(errors_of_preset(preset, {"cifar10_resnet20.pt", 8.0 / 255, 0}, 100), 100) << preset;
  }
}

}  // namespace
}  // namespace faultline
