// Whether the stages of a plan are commands that this program understands.
#pragma once

#include "faultline/core/registry.h"
#include "faultline/nightly/plan_file.h"

namespace faultline {

/// Throws Error (kUsage) with the plan's line for a key that a stage's command does not have, or a value it refuses.
void check_stages(const PlanFile& plan, const Registries& registries);

}  // namespace faultline
