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

Recipe parsed(const Discovery& discovery, const MutatorRegistry& registry) {
  return parse_recipe(discovery.recipe.empty() ? Json::array() : parse_json(discovery.recipe), registry, "its recipe");
}

Tensor witness_of(const Failure& failure, const Recipe& recipe, const Tensor& clean, const MutatorRegistry& registry) {
  Tensor changed = rendered(recipe, mutators_of(recipe, registry), clean, failure.bounds);
  if (!failure.budget) {
    return changed;
  }
  const ThreatModel ball{failure.budget->norm, at::full({1}, failure.budget->epsilon, at::kDouble), failure.bounds, {}};
  return project(changed.unsqueeze(0), clean.unsqueeze(0), ball)[0];
}

}  // namespace

std::optional<Recipe> recipe_of(const StoredFinding& stored, const MutatorRegistry& mutators) {
  const Finding& finding = stored.finding;
  if (finding.failure.clean == finding.failure.witness) {
    return std::nullopt;  // transforms that leave images of that shape alone
  }
  std::optional<Recipe> shortest;
  for (const Discovery& discovery : stored.discoveries) {
    try {
      Recipe recipe = parsed(discovery, mutators);
      if (!recipe.steps.empty() && (!shortest || recipe.steps.size() < shortest->steps.size()) &&
          at::equal(witness_of(finding.failure, recipe, finding.clean, mutators), finding.witness)) {
        shortest = std::move(recipe);
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUsage) {
        throw;
      }
    }
  }
  return shortest;
}

RecipeEnd StoredRecipes::make(StoredFinding& stored, std::string& why) const {
  RecipeEnd end = RecipeEnd::kOtherData;
  for (const Discovery& discovery : stored.discoveries) {
    if (discovery.recipe_only) {
      end = make_from(stored, discovery, why);
      if (end == RecipeEnd::kMade) {
        why.clear();
        return end;
      }
    }
  }
  return end;
}

RecipeEnd StoredRecipes::make_from(StoredFinding& stored, const Discovery& discovery, std::string& why) const {
  const Failure& failure = stored.finding.failure;
  why = "its clean input is not sample " + std::to_string(discovery.sample) + " of the data";
  if (discovery.sample < 0 || discovery.sample >= data_.size()) {
    return RecipeEnd::kOtherData;
  }
  const Tensor clean = read_batch(data_, discovery.sample, 1, failure.bounds).inputs[0];
  if (!is_clean_input(failure, clean)) {
    return RecipeEnd::kOtherData;
  }
  try {
    why = "its recipe renders to another input than the one that was found";
    const Tensor witness = witness_of(failure, parsed(discovery, mutators_), clean, mutators_);
    return take_tensors(stored.finding, clean, witness) ? RecipeEnd::kMade : RecipeEnd::kNotReproducible;
  } catch (const Error& error) {
    why = error.what();
    return RecipeEnd::kNotReproducible;
  }
}

}  // namespace faultline
