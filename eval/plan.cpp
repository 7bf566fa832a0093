#include "faultline/eval/plan.h"

#include <algorithm>

#include "faultline/core/hash.h"
#include "faultline/data/json.h"

namespace faultline {

namespace {

Json size_json(const std::optional<std::pair<std::int64_t, std::int64_t>>& size) {
  return size ? Json{size->first, size->second} : Json(nullptr);
}

Json data_json(const DataPlan& data) {
  Json json{{"source", data.source}, {"sha256", data.sha256}, {"offset", data.offset}, {"samples", data.samples}};
  json["bounds"] = {data.options.bounds.lower, data.options.bounds.upper};
  json["resize"] = size_json(data.options.resize);
  json["crop"] = size_json(data.options.crop);
  json["layout"] = data.options.layout ? Json(*data.options.layout == Layout::kNhwc ? "nhwc" : "nchw") : Json(nullptr);
  json["classes"] = data.options.classes.string();
  return json;
}

Json attacks_json(const std::vector<AttackPlan>& attacks) {
  Json list = Json::array();
  for (const AttackPlan& attack : attacks) {
    Json options = Json::object();
    for (const OptionInfo& option : attack.options) {
      options[option.name] = option.value;
    }
    list.push_back({{"name", attack.name}, {"options", options}});
  }
  return list;
}

}  // namespace

std::vector<double> CurveAxis::at(double magnitude) const {
  std::vector<double> values;
  for (const double sign : signs) {
    values.push_back(start + sign * magnitude);
  }
  return values;
}

bool Plan::has_budget() const {
  return std::ranges::any_of(attacks, [](const AttackPlan& attack) { return !attack.transforms; });
}

std::string goal_text(const Goal& goal) {
  switch (goal.kind) {
    case Goal::Kind::kUntargeted:
      return "untargeted";
    case Goal::Kind::kClass:
      return std::to_string(goal.target);
    case Goal::Kind::kRandom:
      return "random";
    case Goal::Kind::kLeastLikely:
      return "least-likely";
  }
  return {};
}

Json preset_json(const std::optional<PresetPlan>& preset) {
  return preset ? Json{{"name", preset->name}, {"version", preset->version}} : Json(nullptr);
}

Json plan_json(const Plan& plan) {
  Json json{{"command", plan.command}};
  json["model"] = {{"path", plan.model.path},
                   {"sha256", plan.model.sha256},
                   {"binary", plan.model.binary},
                   {"mean", plan.model.mean},
                   {"std", plan.model.std}};
  json["model"]["output"] = plan.model.output ? Json(*plan.model.output) : Json(nullptr);
  json["data"] = data_json(plan.data);
  json["norm"] = plan.norm ? Json(name_of(*plan.norm)) : Json(nullptr);
  json["goal"] = goal_text(plan.goal);
  json["attacks"] = attacks_json(plan.attacks);
  json["preset"] = preset_json(plan.preset);
  if (plan.curve) {
    json["curve"] = {
        {"at", plan.curve->at}, {"epsilon_max", plan.curve->epsilon_max}, {"tolerance", plan.curve->tolerance}};
    if (plan.curve->over) {
      json["curve"]["over"] = plan.curve->over->name;
    }
  } else {
    json["epsilon"] = plan.epsilon;
  }
  json["seed"] = plan.seed;
  return json;
}

std::string hash_of_plan(Json plan) {
  plan["model"].erase("path");
  plan["data"].erase("source");
  const std::string text = plan.dump();
  return to_hex(content_hash(std::as_bytes(std::span(text))));
}

std::optional<PlanDifference> first_difference(Json first, Json second) {
  for (Json* plan : {&first, &second}) {
    *plan = plan->flatten();
    plan->erase("/model/path");
    plan->erase("/data/source");
  }
  Json places = first;
  places.update(second);
  for (const auto& [place, value] : places.items()) {
    const auto text = [&place](const Json& plan) { return plan.contains(place) ? plan[place].dump() : "absent"; };
    if (text(first) != text(second)) {
      return PlanDifference{place.substr(1), text(first), text(second)};
    }
  }
  return std::nullopt;
}

std::string plan_hash(const Plan& plan) { return hash_of_plan(plan_json(plan)); }

}  // namespace faultline
