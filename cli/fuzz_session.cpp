#include "faultline/cli/fuzz_session.h"

#include <algorithm>

#include "faultline/cli/corpus_flags.h"
#include "faultline/core/error.h"

namespace faultline {

namespace {

/// What an interrupted run has found is verified and filed: islands end between two forwards, none is broken off.
const std::atomic<bool> kNever{false};

/// Among which the one is looked for that the contract is asked about with.
constexpr std::int64_t kContractSamples = 100;

/// Seeds are looked for with a target that the user can interrupt; what fuzzing asks is not.
void open_seeds_and_target(FuzzSession& fuzzing) {
  const Session& session = fuzzing.session;
  const FuzzPlan& plan = fuzzing.plan;
  const c10::Device device = session.model->device();
  const Tensor sample = read_batch(*session.data, plan.data.offset, 1, plan.data.options.bounds).inputs.to(device);
  const auto asked = [&](const TargetFactory& make) {
    auto target = std::make_unique<TargetStack>(make, session.compared);
    (void)target->padded_for(fuzzing.oracles).logits(sample);  // it knows now how many classes there are
    return target;
  };
  fuzzing.seeds = find_seeds(*session.data, plan, fuzzing.oracles, *asked(session.make_target), device);
  fuzzing.target = asked(target_factory(session.model, plan.model, kNever));
}

}  // namespace

FuzzOutputs open_fuzz_outputs(const FuzzFlags& flags, const FuzzPlan& plan) {
  check_line(flags.line);
  FuzzOutputs outputs;
  outputs.directory = open_run_directory(flags.run, {.plan_hash = plan_hash(plan), .plan = plan_json(plan)});
  if (!flags.corpus.empty() || outputs.directory != nullptr) {
    outputs.corpus = std::make_unique<Corpus>(Corpus::open_or_create(
        flags.corpus.empty() ? outputs.directory->path() / "corpus" : std::filesystem::path(flags.corpus)));
  }
  return outputs;
}

ChildLimits child_limits(const FuzzFlags& flags) {
  constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20;
  return {.seconds = parse_duration(flags.hang, "--hang-timeout"),
          .memory = static_cast<std::uint64_t>(flags.memory) * kMegabyte};
}

FuzzSession open_fuzz_session(const FuzzFlags& flags, const CommandContext& context) {
  FuzzSession fuzzing;
  fuzzing.plan = fuzz_plan(flags, context.registries.mutators);
  fuzzing.oracles = fuzz_oracles(flags, context.registries.oracles);
  DataFlags data = flags.data;
  if (is_contract(flags) && data.limit < 0) {
    data.limit = kContractSamples;
  }
  fuzzing.session = open_session(flags.model, data, context.registries, context.stop);
  Session& session = fuzzing.session;
  const std::vector<std::int64_t> shape = session.data->sample_shape();
  if (!is_contract(flags) && shape.size() != 3) {
    throw Error{ErrorCode::kUsage, "fuzzing changes images [C, H, W], but the samples have " +
                                       std::to_string(shape.size()) + " dimensions"};
  }
  FuzzPlan& plan = fuzzing.plan;
  plan.round = evaluations_of_a_round(c10::multiply_integers(shape));
  if (plan.norm) {
    check_epsilon(plan.epsilon, largest_epsilon(session, *plan.norm), "--epsilon");
  }
  if (!is_contract(flags) && session.model->device().is_cuda() && plan.engine == EngineKind::kLibFuzzer) {
    throw Error{ErrorCode::kUsage,
                "--engine libfuzzer needs worker processes, which CUDA does not survive; use "
                "--engine loop, or --device cpu"};
  }
  plan.others = open_compared(session, flags.model, flags.oracles.against, fuzzing.oracles, kNever);
  plan.model = session.model_plan;
  plan.data = session.data_plan;
  for (const ConfiguredOracle& oracle : fuzzing.oracles) {
    plan.oracles.push_back(oracle.text());
  }
  open_seeds_and_target(fuzzing);
  return fuzzing;
}

}  // namespace faultline
