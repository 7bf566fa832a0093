#include "faultline/nightly/plan_change.h"

namespace faultline {

Json changes_json(const std::vector<PlanChange>& changes) {
  Json list = Json::array();
  for (const PlanChange& change : changes) {
    list.push_back({{"stage", change.stage},
                    {"key", change.key},
                    {"values", change.values},
                    {"before", change.before},
                    {"why", change.why}});
  }
  return list;
}

std::vector<PlanChange> changes_from(const Json& json) {
  std::vector<PlanChange> changes;
  for (const Json& change : json.get_ref<const Json::array_t&>()) {
    changes.push_back({.stage = change.at("stage").get<std::string>(),
                       .key = change.at("key").get<std::string>(),
                       .values = change.at("values").get<std::vector<std::string>>(),
                       .before = change.at("before").get<std::string>(),
                       .why = change.at("why").get<std::string>()});
  }
  return changes;
}

std::string change_text(const PlanChange& change) {
  std::string values;
  for (const std::string& value : change.values) {
    values += (values.empty() ? "" : ", ") + value;
  }
  return change.key + " of " + change.stage + " is " + (values.empty() ? "set" : values) + " instead of " +
         change.before + ", by " + change.why;
}

}  // namespace faultline
