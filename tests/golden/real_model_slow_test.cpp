// Counts of the real models on all 10,000 images: published ones, and exact ones that no sound attack exceeds.
#include <gtest/gtest.h>

#include "engine.h"
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

}  // namespace
}  // namespace faultline
