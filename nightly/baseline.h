// What later runs are compared with: an earlier run's directory, or a file made of one that fits into a repository.
//
//   const Baseline baseline = read_baseline("baseline.json");
#pragma once

#include <filesystem>
#include <vector>

#include "faultline/data/json.h"
#include "faultline/nightly/gate.h"
#include "faultline/nightly/stage_result.h"

namespace faultline {

/// What the finished ones of the stages measured.
[[nodiscard]] Baseline baseline_of(const std::vector<StageResult>& stages);

/// The document, schema faultline.baseline/1: measures, settings and which samples fail, of every stage.
[[nodiscard]] Json baseline_json(const Baseline& baseline);

/// Reads such a file, or the stages of a run directory. Throws Error (kUsage) when it is neither.
[[nodiscard]] Baseline read_baseline(const std::filesystem::path& path);

}  // namespace faultline
