// Where a run happened and on what: versions, hardware.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "faultline/eval/plan.h"

namespace faultline {

/// Versions of Faultline and LibTorch, processor, its number of cores, instruction set, system.
[[nodiscard]] Json evidence_json();

/// The version of Faultline.
[[nodiscard]] std::string version();

}  // namespace faultline
