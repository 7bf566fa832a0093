#include "faultline/eval/recipe_json.h"

#include "faultline/core/hash.h"

namespace faultline {

Json recipe_json(const Recipe& recipe, const std::vector<const MutatorRegistry::Entry*>& mutators) {
  Json list = Json::array();
  for (std::size_t i = 0; i < recipe.steps.size(); ++i) {
    const RecipeStep& step = recipe.steps[i];
    Json parameters = Json::object();
    for (std::size_t p = 0; p < step.values.size(); ++p) {
      const ParameterInfo& info = mutators.at(i)->parameters.at(p);
      parameters[info.name] =
          info.names.empty() ? Json(step.values[p]) : Json(info.names.at(static_cast<std::size_t>(step.values[p])));
    }
    list.push_back({{"mutator", step.mutator},
                    {"version", step.version},
                    {"parameters", std::move(parameters)},
                    {"key", to_hex(step.key)}});
    if (mutators.at(i)->info.needs_gradient) {
      list.back()["model"] = nullptr;
    }
  }
  return list;
}

void name_model(Json& recipe, const std::string& sha256) {
  for (Json& step : recipe) {
    if (step.contains("model")) {
      step["model"] = sha256;
    }
  }
}

std::string recipe_text(const Json& recipe) {
  std::string text;
  for (const Json& step : recipe) {
    if (!step.is_object() || !step.contains("mutator") || !step["mutator"].is_string() ||
        !step.contains("parameters") || !step["parameters"].is_object()) {
      return {};
    }
    text += (text.empty() ? "" : " + ") + step["mutator"].get<std::string>();
    for (const auto& [name, value] : step["parameters"].items()) {
      text += " " + name + "=" + (value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
  return text;
}

}  // namespace faultline
