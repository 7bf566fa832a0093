#include "engine.h"

#include "faultline/attacks/register_attacks.h"
#include "faultline/data/register_data.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/mutators/register_mutators.h"
#include "faultline/oracles/register_oracles.h"
#include "faultline/targets/torchscript.h"

namespace faultline {

const Registries& builtin_registries() {
  static const Registries kRegistries = [] {
    Registries registries;
    register_attacks(registries.attacks);
    register_mutators(registries.mutators);
    register_oracles(registries.oracles);
    register_data(registries.data);
    return registries;
  }();
  return kRegistries;
}

std::filesystem::path test_data(const std::string& file) { return std::filesystem::path(FAULTLINE_TEST_DATA) / file; }

std::string data_spec(const std::string& model_file) {
  if (model_file.starts_with("mnist")) {
    return "mnist:" + test_data("").string();
  }
  return "npy:" + test_data("cifar10_test100_images_u8.npy").string() + "," +
         test_data("cifar10_test100_labels_i64.npy").string();
}

std::vector<ConfiguredAttack> configured(const Plan& plan) {
  std::vector<std::string> specs;
  for (const AttackPlan& attack : plan.attacks) {
    specs.push_back(spec_text(attack));
  }
  return parse_ensemble(specs, plan.norm, plan.goal, builtin_registries());
}

void set_attacks(Plan& plan, const std::vector<std::string>& specs) {
  plan.attacks = plan_attacks(parse_ensemble(specs, plan.norm, plan.goal, builtin_registries()));
}

Batch right_rows(const TargetFactory& make_target, const Batch& batch) {
  TargetStack target(make_target);
  const std::vector<CleanVerdict> verdicts = judge_clean(target.padded(), batch);
  std::vector<std::int64_t> right;
  for (std::size_t row = 0; row < verdicts.size(); ++row) {
    if (verdicts[row].right && !verdicts[row].near_tie) {
      right.push_back(static_cast<std::int64_t>(row));
    }
  }
  return select(batch, at::tensor(right, at::kLong));
}

Engine::Engine(const std::string& model_file)
    : data_(builtin_registries().data.open(data_spec(model_file), {})),
      make_target_([model = TorchScriptModel::load(test_data(model_file), {})] {
        return std::make_unique<TorchScriptTarget>(model);
      }) {}

Plan Engine::plan(const std::vector<std::string>& attacks, Norm norm, double epsilon, std::int64_t samples) const {
  Plan plan{.command = "attack", .norm = norm, .epsilon = epsilon};
  plan.data.samples = samples;
  set_attacks(plan, attacks);
  return plan;
}

Plan Engine::curve_plan(const std::vector<std::string>& attacks, Norm norm, double epsilon_max,
                        std::int64_t samples) const {
  Plan result = plan(attacks, norm, /*epsilon=*/0, samples);
  result.command = "curve";
  result.curve = CurvePlan{.epsilon_max = epsilon_max};
  return result;
}

RunResult Engine::run(const Plan& plan, const Execution& execution) const {
  const std::atomic<bool> never_stopped{false};
  return execute(plan, {.data = *data_,
                        .attacks = configured(plan),
                        .make_target = make_target_,
                        .stop = never_stopped,
                        .workers = execution.workers,
                        .batch = execution.batch});
}

Batch Engine::right_samples(std::int64_t count) const {
  const std::int64_t read = std::min(data_->size(), 2 * count);
  const Batch right = right_rows(make_target_, read_batch(*data_, /*first=*/0, read, Bounds{}));
  FAULTLINE_ASSERT(right.size() >= count, "most samples are right");
  return select(right, at::arange(count, at::kLong));
}

}  // namespace faultline
