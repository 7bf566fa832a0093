// Parts that the JSON documents of several commands share (product.md).
//
//   json["model"] = model_fields(plan.model);
//   json["warnings"] = warnings_json(summary.warnings);
#pragma once

#include <vector>

#include "faultline/data/json.h"
#include "faultline/eval/model_check.h"
#include "faultline/eval/plan.h"
#include "faultline/statistics/proportion.h"

namespace faultline {

/// {"path", "sha256", "backend"}.
[[nodiscard]] Json model_fields(const ModelPlan& model);

/// {"source", "samples", "sha256"}, and "classes", their names, where the data names at most a thousand.
[[nodiscard]] Json data_fields(const DataPlan& data);

/// {"value", "low", "high"}.
[[nodiscard]] Json interval_json(const Interval& interval);

/// A list of {"check", "message"}.
[[nodiscard]] Json warnings_json(const std::vector<Warning>& warnings);

}  // namespace faultline
