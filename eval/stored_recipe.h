// Findings of which only a recipe is stored: their tensors, made again from the data.
//
//   const StoredRecipes recipes(*data, bounds, registries.mutators);
//   const RecipeEnd end = recipes.make(stored);
#pragma once

#include <optional>
#include <string>

#include "faultline/core/dataset.h"
#include "faultline/core/mutator_registry.h"
#include "faultline/core/recipe.h"
#include "faultline/corpus/corpus.h"

namespace faultline {

enum class RecipeEnd {
  kMade,
  kOtherData,        ///< The clean input is not among the data, at its place.
  kNotReproducible,  ///< It renders to another witness than the one that was found: nothing can be said of that one.
};

/// The shortest recipe that makes the witness of a finding from its clean input, of those that its discoveries tell;
/// nothing when none does. One that follows a gradient is none: which model's is not told by the input. Precondition:
/// it has tensors.
[[nodiscard]] std::optional<Recipe> recipe_of(const StoredFinding& stored, const MutatorRegistry& mutators);

/// Safe to share between threads. Everything it is made from must outlive it.
class StoredRecipes {
 public:
  StoredRecipes(const Dataset& data, const MutatorRegistry& mutators) : data_(data), mutators_(mutators) {}

  /// Gives the finding its tensors; `why` says in a sentence what it could not.
  [[nodiscard]] RecipeEnd make(StoredFinding& stored, std::string& why) const;

 private:
  [[nodiscard]] RecipeEnd make_from(StoredFinding& stored, const Discovery& discovery, std::string& why) const;

  const Dataset& data_;
  const MutatorRegistry& mutators_;
};

}  // namespace faultline
