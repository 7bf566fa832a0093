#include "faultline/eval/recipe_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "faultline/core/error.h"
#include "faultline/core/hash.h"
#include "faultline/fuzz/recipe_space.h"

namespace faultline {

namespace {

double parse_value(const Json& value, const ParameterInfo& info) {
  if (info.names.empty()) {
    const double number = value.get<double>();
    const auto& [lower, upper] = std::pair(info.scale.lower, info.scale.upper);
    const double rounding = 1e-6 * (upper - lower);  // recipes of fuzzing hold float32 numbers
    if (!(number >= lower - rounding && number <= upper + rounding) || (info.integer && number != std::trunc(number))) {
      throw Error{ErrorCode::kUsage, "parameter " + info.name + " cannot be " + value.dump()};
    }
    return number;
  }
  const auto place = std::ranges::find(info.names, value.get<std::string>());
  if (place == info.names.end()) {
    throw Error{ErrorCode::kUsage, "parameter " + info.name + " has no choice '" + value.get<std::string>() + "'"};
  }
  return static_cast<double>(place - info.names.begin());
}

RecipeStep parse_step(const Json& json, const MutatorRegistry& mutators) {
  RecipeStep step{.mutator = json.at("mutator").get<std::string>(), .version = integer<int>(json.at("version"))};
  for (const ParameterInfo& info : mutators.at(step.mutator).parameters) {
    step.values.push_back(parse_value(json.at("parameters").at(info.name), info));
  }
  const std::string key = json.at("key").get<std::string>();
  const auto [end, problem] = std::from_chars(key.data(), key.data() + key.size(), step.key, 16);
  if (problem != std::errc() || end != key.data() + key.size()) {
    throw Error{ErrorCode::kUsage, "'" + key + "' is no key"};
  }
  return step;
}

}  // namespace

Recipe parse_recipe(const Json& list, const MutatorRegistry& mutators, const std::string& name) {
  Recipe recipe;
  if (!list.is_array() || list.size() > kMostRecipeSteps) {
    throw Error{ErrorCode::kUsage, name + ": is no list of at most " + std::to_string(kMostRecipeSteps) + " steps"};
  }
  try {
    for (const Json& step : list) {
      recipe.steps.push_back(parse_step(step, mutators));
    }
  } catch (const nlohmann::json::exception&) {
    throw Error{ErrorCode::kUsage, name + ": is no recipe: a field is missing or of the wrong type"};
  } catch (const Error& error) {
    throw Error{ErrorCode::kUsage, name + ": " + error.what()};
  }
  return recipe;
}

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
