#include "faultline/eval/stored_recipe.h"

#include <vector>

#include "faultline/core/batch.h"
#include "faultline/core/error.h"
#include "faultline/core/projection.h"
#include "faultline/eval/recipe_json.h"

namespace faultline {

namespace {

/// Throws Error (kUsage) when a step is of another version of its mutator.
std::vector<const MutatorRegistry::Entry*> mutators_of(const Recipe& recipe, const MutatorRegistry& registry) {
  std::vector<const MutatorRegistry::Entry*> mutators;
  for (const RecipeStep& step : recipe.steps) {
    mutators.push_back(&registry.at(step.mutator));
    const int version = mutators.back()->info.version;
    if (version != step.version) {
      throw Error{ErrorCode::kUsage, "mutator " + step.mutator + " is of version " + std::to_string(version) +
                                         ", the recipe of " + std::to_string(step.version)};
    }
  }
  return mutators;
}

}  // namespace

Recipe recipe_of(const Discovery& discovery, const MutatorRegistry& mutators) {
  return parse_recipe(discovery.recipe.empty() ? Json::array() : parse_json(discovery.recipe), mutators, "its recipe");
}

Tensor witness_by(const Recipe& recipe, const Failure& failure, const Tensor& clean, const MutatorRegistry& mutators) {
  constexpr std::int64_t kImage = 3;  // dimensions
  if (clean.dim() != kImage) {
    throw Error{ErrorCode::kUsage, "its recipe is one for images"};
  }
  Tensor changed = rendered(recipe, mutators_of(recipe, mutators), clean, failure.bounds);
  if (!failure.budget) {
    return changed;
  }
  const ThreatModel ball{failure.budget->norm, at::full({1}, failure.budget->epsilon, at::kDouble), failure.bounds, {}};
  return project(changed.unsqueeze(0), clean.unsqueeze(0), ball)[0];
}

RecipeMade StoredRecipes::make(StoredFinding& stored) const {
  RecipeMade made;
  for (const Discovery& discovery : stored.discoveries) {
    if (discovery.recipe_only) {
      made = make_from(stored, discovery);
      if (made.end == RecipeEnd::kMade) {
        return made;
      }
    }
  }
  return made;
}

RecipeMade StoredRecipes::make_from(StoredFinding& stored, const Discovery& discovery) const {
  const Failure& failure = stored.finding.failure;
  RecipeMade other_data{.why = "its clean input is not sample " + std::to_string(discovery.sample) + " of the data"};
  if (discovery.sample < 0 || discovery.sample >= data_.size()) {
    return other_data;
  }
  Tensor clean;
  try {
    clean = read_batch(data_, discovery.sample, 1, failure.bounds).inputs[0];
  } catch (const Error&) {
    return other_data;  // damaged, or beyond the bounds of the finding
  }
  if (!is_clean_input(failure, clean)) {
    return other_data;
  }
  try {
    const Tensor witness = witness_by(recipe_of(discovery, mutators_), failure, clean, mutators_);
    if (take_tensors(stored.finding, clean, witness)) {
      return {.end = RecipeEnd::kMade, .from = &discovery};
    }
    return {RecipeEnd::kNotReproducible, "its recipe renders to another input than the one that was found"};
  } catch (const Error& error) {
    return {RecipeEnd::kNotReproducible, error.what()};
  }
}

}  // namespace faultline
