// What a run changes in its plan, as JSON and in words.
//
//   run_json["plan"]["changes"] = changes_json(plan.changes);
#pragma once

#include <string>
#include <vector>

#include "faultline/data/json.h"
#include "faultline/nightly/plan_file.h"

namespace faultline {

/// A list of {"stage", "key", "values", "before", "why"}.
[[nodiscard]] Json changes_json(const std::vector<PlanChange>& changes);

/// Reads such a list. Throws nlohmann::json::exception when it is none.
[[nodiscard]] std::vector<PlanChange> changes_from(const Json& json);

/// "limit of linf is 100 instead of 300, by --limit".
[[nodiscard]] std::string change_text(const PlanChange& change);

}  // namespace faultline
