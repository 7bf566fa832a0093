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

/// Opens everything and completes the plan. Throws Error.
[[nodiscard]] FuzzSession open_fuzz_session(const FuzzFlags& flags, const CommandContext& context);

}  // namespace faultline
