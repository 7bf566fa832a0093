#include "faultline/eval/fuzz_plan.h"

#include <algorithm>

namespace faultline {

std::int64_t evaluations_of_a_round(std::int64_t numbers) {
  constexpr std::int64_t kMost = 16'384;
  constexpr std::int64_t kLeast = 2'048;
  constexpr std::int64_t kNumbers = kMost * 28 * 28;
  return std::clamp(kNumbers / std::max<std::int64_t>(1, numbers), kLeast, kMost);
}

Json plan_json(const FuzzPlan& plan) {
  const Plan shared{.command = "fuzz",
                    .model = plan.model,
                    .data = plan.data,
                    .norm = plan.norm,
                    .epsilon = plan.epsilon,
                    .seed = plan.seed};
  Json json = plan_json(shared);
  json.erase("goal");
  json.erase("attacks");
  json["mode"] = plan.contract ? "contract" : "recipes";
  json["store"] = plan.recipe_only ? "recipe" : "witness";
  if (plan.contract) {
    return json;
  }
  json["engine"] = name_of(plan.engine);
  json["oracles"] = plan.oracles;
  json["against"] = plan.others;
  json["mutators"] = Json::object();
  for (const auto& [name, severity] : plan.mutators) {
    json["mutators"][name] = severity;
  }
  json["steps"] = plan.limits.steps;
  json["validity"] = plan.limits.validity;
  json["evaluations"] = plan.evaluations;
  json["round"] = plan.round;
  json["islands"] = plan.islands;
  json["quota"] = {{"diverse", plan.quota.diverse}, {"most", plan.quota.most}};
  json["minimise"] = plan.minimise;
  return json;
}

std::string plan_hash(const FuzzPlan& plan) { return hash_of_plan(plan_json(plan)); }

}  // namespace faultline
