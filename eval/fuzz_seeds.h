// What fuzzing starts from: the samples that the model gets right.
//
//   const FuzzSeeds seeds = find_seeds(data, plan, target, device);
#pragma once

#include "faultline/core/dataset.h"
#include "faultline/core/oracle.h"
#include "faultline/eval/fuzz_plan.h"
#include "faultline/eval/sample_row.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

struct FuzzSeeds {
  Batch batch{};     ///< [N, ...] on the model's device.
  Tensor clean{};    ///< The same inputs on the host.
  Tensor outputs{};  ///< [N, K] of them, on the host.
  std::vector<CleanVerdict> verdicts{};
  std::int64_t samples = 0;  ///< That were looked at.
};

/// Asks the model about the plan's samples and keeps those that it gets right and that fail by none of the oracles.
/// Throws Error (kNothingRan) when none is left, and Error (kUsage) when they take more than 4 GB.
[[nodiscard]] FuzzSeeds find_seeds(const Dataset& data, const FuzzPlan& plan,
                                   const std::vector<ConfiguredOracle>& oracles, TargetStack& target,
                                   c10::Device device);

}  // namespace faultline
