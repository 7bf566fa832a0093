// Flags of `run` that take the place of what the plan says.
#pragma once

#include <string>
#include <vector>

#include "faultline/core/registry.h"
#include "faultline/nightly/plan_file.h"

namespace CLI {
class App;
}

namespace faultline {

struct OverrideFlags {
  std::vector<std::string> set{};  ///< "[STAGE.]KEY=VALUE".
  std::string limit{};
  std::string seed{};
  std::string device{};
};

void add_override_flags(CLI::App& app, OverrideFlags& flags);

/// Puts them into the stages, and notes each in the plan's changes. Those that name no stage go into every stage whose
/// command has the flag. Throws Error (kUsage) for a stage that the plan does not have, a key that no stage has, and
/// what is no KEY=VALUE.
void apply_overrides(PlanFile& plan, const OverrideFlags& flags, const Registries& registries);

}  // namespace faultline
