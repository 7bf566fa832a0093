// Recipes for people and files.
//
//   row.recipe = recipe_json(recipe, space.mutators());
//   recipe_text(row.recipe)                     // "rotate degrees=-17 + translate dx=1 dy=-3"
#pragma once

#include <string>
#include <vector>

#include "faultline/core/mutator_registry.h"
#include "faultline/core/recipe.h"
#include "faultline/data/json.h"

namespace faultline {

/// A list of {"mutator", "version", "parameters": {name: value}, "key": 16 hexadecimal digits}; values of choices by
/// name. A step along a gradient has "model" too, still null. `mutators`: that of each step.
[[nodiscard]] Json recipe_json(const Recipe& recipe, const std::vector<const MutatorRegistry::Entry*>& mutators);

/// Reads it back. Throws Error (kUsage) that begins with `name` when it is no such list of at most eight steps, or
/// holds a mutator, a parameter or a choice that there is not, or a number that the parameter cannot be.
[[nodiscard]] Recipe parse_recipe(const Json& list, const MutatorRegistry& mutators, const std::string& name);

/// Says in every step along a gradient which model was asked for it.
void name_model(Json& recipe, const std::string& sha256);

/// On one line, without keys; empty when it is no such list.
[[nodiscard]] std::string recipe_text(const Json& recipe);

}  // namespace faultline
