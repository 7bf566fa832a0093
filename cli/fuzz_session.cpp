#include "faultline/cli/fuzz_session.h"

#include "faultline/core/error.h"

namespace faultline {

FuzzSession open_fuzz_session(const FuzzFlags& flags, const CommandContext& context) {
  FuzzSession fuzzing;
  fuzzing.plan = fuzz_plan(flags, context.registries.mutators);
  fuzzing.oracles = fuzz_oracles(flags, context.registries.oracles);
  fuzzing.session = open_session(flags.model, flags.data, context.registries, context.stop);
  Session& session = fuzzing.session;
  const std::vector<std::int64_t> shape = session.data->sample_shape();
  if (shape.size() != 3) {
    throw Error{ErrorCode::kUsage, "fuzzing changes images [C, H, W], but the samples have " +
                                       std::to_string(shape.size()) + " dimensions"};
  }
  FuzzPlan& plan = fuzzing.plan;
  plan.round = evaluations_of_a_round(shape[0] * shape[1] * shape[2]);
  if (plan.norm) {
    check_epsilon(plan.epsilon, largest_epsilon(session, *plan.norm), "--epsilon");
  }
  if (session.model->device().is_cuda() && plan.engine == EngineKind::kLibFuzzer) {
    throw Error{ErrorCode::kUsage,
                "--engine libfuzzer needs worker processes, which CUDA does not survive; use "
                "--engine loop, or --device cpu"};
  }
  plan.others = open_compared(session, flags.model, flags.oracles.against, fuzzing.oracles, context.stop);
  plan.model = session.model_plan;
  plan.data = session.data_plan;
  for (const ConfiguredOracle& oracle : fuzzing.oracles) {
    plan.oracles.push_back(oracle.text());
  }
  fuzzing.target = std::make_unique<TargetStack>(session.make_target, session.compared);
  fuzzing.seeds = find_seeds(*session.data, plan, fuzzing.oracles, *fuzzing.target, session.model->device());
  return fuzzing;
}

}  // namespace faultline
