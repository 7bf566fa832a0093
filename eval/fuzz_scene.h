// Seeds, recipes and oracles put together: what islands work on.
#pragma once

#include <memory>

#include "faultline/eval/fuzz_plan.h"
#include "faultline/eval/fuzz_seeds.h"

namespace faultline {

/// Everything it is made from must outlive it.
class FuzzScene {
 public:
  FuzzScene(const FuzzPlan& plan, const FuzzSeeds& seeds, const MutatorRegistry& mutators,
            const std::vector<ConfiguredOracle>& oracles, TargetStack& target);

  [[nodiscard]] const RecipeSpace& space() const { return space_; }
  [[nodiscard]] const FuzzTask& task() const { return *task_; }

 private:
  RecipeSpace space_;
  Tensor gradients_;  // undefined unless a mutator needs them
  std::unique_ptr<OracleJudge> judge_;
  Tensor margins_;
  std::unique_ptr<FuzzTask> task_;
};

}  // namespace faultline
