// Where a run happened and on what: versions, hardware.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "faultline/eval/plan.h"

namespace faultline {

/// Versions of Faultline and LibTorch, processor, its number of cores, instruction set, system.
[[nodiscard]] Json evidence_json();

/// "2025-01-31T12:34:56", in UTC.
[[nodiscard]] std::string utc_now();

/// The version of Faultline.
[[nodiscard]] std::string version();

}  // namespace faultline
