#include "faultline/eval/fuzz_scene.h"

#include <algorithm>

#include "faultline/eval/attack_chunk.h"

namespace faultline {

namespace {

std::vector<AllowedMutator> allowed_mutators(const FuzzPlan& plan, const MutatorRegistry& registry) {
  std::vector<AllowedMutator> allowed;
  for (const auto& [name, severity] : plan.mutators) {
    allowed.push_back({&registry.at(name), severity});
  }
  return allowed;
}

/// At the seeds, on the host: as many at once as a forward takes.
Tensor gradients_of(const FuzzSeeds& seeds, TargetStack& target) {
  constexpr std::int64_t kAtOnce = 100;
  std::vector<Tensor> parts;
  for (std::int64_t first = 0; first < seeds.batch.size(); first += kAtOnce) {
    const Tensor rows = at::arange(first, std::min(first + kAtOnce, seeds.batch.size()), at::kLong);
    parts.push_back(gradients_at(target.padded(), select(seeds.batch, rows.to(seeds.batch.inputs.device())), {}));
  }
  return at::cat(parts);
}

}  // namespace

FuzzScene::FuzzScene(const FuzzPlan& plan, const FuzzSeeds& seeds, const MutatorRegistry& mutators,
                     const std::vector<ConfiguredOracle>& oracles, TargetStack& target)
    : space_(allowed_mutators(plan, mutators), seeds.clean.sizes().slice(1).vec(), plan.limits) {
  if (space_.needs_gradient()) {
    gradients_ = gradients_of(seeds, target);
  }
  judge_ = std::make_unique<OracleJudge>(oracles, seeds.batch, seeds.outputs, target);
  const Tensor rows = at::arange(seeds.batch.size(), at::kLong);
  margins_ = judge_->slack(rows, seeds.batch.inputs, seeds.outputs).values.contiguous();
  task_ = std::make_unique<FuzzTask>(FuzzTask{.seeds = seeds.batch,
                                              .clean = seeds.clean,
                                              .margins = margins_,
                                              .bounds = plan.data.options.bounds,
                                              .space = space_,
                                              .judge = *judge_,
                                              .gradients = gradients_,
                                              .norm = plan.norm,
                                              .epsilon = plan.epsilon});
}

}  // namespace faultline
