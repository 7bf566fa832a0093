// What `fuzz` and the fuzzers it emits open: data, model, oracles and seeds.
#pragma once

#include "faultline/cli/commands.h"
#include "faultline/cli/fuzz_flags.h"
#include "faultline/eval/fuzz_seeds.h"

namespace faultline {

struct FuzzSession {
  FuzzPlan plan{};
  Session session{};
  std::vector<ConfiguredOracle> oracles{};
  std::unique_ptr<TargetStack> target{};
  FuzzSeeds seeds{};
};

/// Where a run leaves what it finds; null: nowhere.
struct FuzzOutputs {
  std::unique_ptr<RunDirectory> directory{};
  std::unique_ptr<Corpus> corpus{};
};

/// Makes or resumes --out, and opens the failure corpus. Throws Error.
[[nodiscard]] FuzzOutputs open_fuzz_outputs(const FuzzFlags& flags, const FuzzPlan& plan);

/// Of processes that run the model, as --hang-timeout and --memory-limit say. Throws Error (kUsage).
[[nodiscard]] ChildLimits child_limits(const FuzzFlags& flags);

/// Opens everything and completes the plan. Throws Error.
[[nodiscard]] FuzzSession open_fuzz_session(const FuzzFlags& flags, const CommandContext& context);

}  // namespace faultline
