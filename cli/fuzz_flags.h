// The flags of `fuzz`, and the plan they make.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faultline/cli/session.h"
#include "faultline/eval/fuzz_plan.h"

namespace faultline {

struct FuzzFlags {
  ModelFlags model{};
  DataFlags data{};
  ThreatFlags oracles{};  ///< Only --oracle and --against, --norm too.
  std::string epsilon{};
  std::string mode = "recipes";  ///< Or "contract".
  std::string mutators{};
  std::int64_t validity = 5;
  std::int64_t steps = static_cast<std::int64_t>(kMostRecipeSteps);
  std::string engine = "libfuzzer";
  bool baseline = false;
  std::int64_t evaluations = 0;
  std::string time{};
  std::int64_t most = static_cast<std::int64_t>(FailureQuota{}.most);
  std::int64_t keep = static_cast<std::int64_t>(FailureQuota{}.diverse) + 1;
  std::string quiet{};
  bool first_failure = false;
  std::int64_t islands = kIslands;
  std::string hang = "30s";
  std::int64_t memory = 4096;  ///< Megabytes.
  bool no_minimize = false;
  std::string store = "witness";  ///< Or "recipe".
  std::string corpus{};
  std::string line = "main";
  std::string emit{};
  bool abort = false;
  RunFlags run{};
};

/// What says what is fuzzed, and from what.
void add_fuzz_subject_flags(CLI::App& app, FuzzFlags& flags);
/// The rest: engine, limits and outputs of `fuzz`.
void add_fuzz_run_flags(CLI::App& app, FuzzFlags& flags);

/// Whether --mode is contract.
[[nodiscard]] bool is_contract(const FuzzFlags& flags);

/// Throws Error (kUsage) when --mode is unknown, or has no use for one of the flags given to the command.
void check_mode(const FuzzFlags& flags, const CLI::App& command);

/// The oracles of --oracle; without it misclassification, non-finite and exception.
[[nodiscard]] std::vector<ConfiguredOracle> fuzz_oracles(const FuzzFlags& flags, const OracleRegistry& registry);

/// The plan, but for what is known only when model and data are open. Throws Error (kUsage).
[[nodiscard]] FuzzPlan fuzz_plan(const FuzzFlags& flags, const MutatorRegistry& mutators);

}  // namespace faultline
