#include "golden/real_runs.h"

#include <gtest/gtest.h>

#include "engine.h"
#include "faultline/core/number.h"

namespace faultline {

Summary run_forty_steps(const KnownRun& run, std::int64_t samples) {
  const Engine engine(run.model);
  const std::string spec = "pgd:steps=40,start=clean,loss=ce,relative-step=" + shortest(run.relative_step);
  return engine.summary(engine.plan({spec}, Norm::kLinf, run.epsilon, samples));
}

void expect_known(const KnownRun& run, std::int64_t samples, const KnownCounts& counts) {
  SCOPED_TRACE(run.model);
  const Summary summary = run_forty_steps(run, samples);
  EXPECT_EQ(summary.samples, samples);
  EXPECT_EQ(summary.clean_errors, counts.clean_errors);
  EXPECT_LE(std::abs(summary.adversarial_errors - counts.adversarial_errors), counts.slack)
      << "got " << summary.adversarial_errors << " errors, expected " << counts.adversarial_errors << " or nearly so";
  EXPECT_EQ(summary.rejected, 0);
  EXPECT_EQ(summary.accepted, summary.adversarial_errors - summary.clean_errors);
}

}  // namespace faultline
