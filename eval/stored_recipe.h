// Recipes that discoveries tell, and what they render to: witnesses of findings of which nothing else is stored.
//
//   const StoredRecipes recipes(*data, registries.mutators);
//   const RecipeMade made = recipes.make(stored);
#pragma once

#include <string>

#include "faultline/core/dataset.h"
#include "faultline/core/mutator_registry.h"
#include "faultline/core/recipe.h"
#include "faultline/corpus/corpus.h"

namespace faultline {

/// What users are told of a finding that is stored as a recipe, without the data.
inline constexpr const char* kGiveData = "it is stored as a recipe; give the data it was made from with --data";

/// The recipe of a discovery, without steps where it tells none. Throws Error (kUsage).
[[nodiscard]] Recipe recipe_of(const Discovery& discovery, const MutatorRegistry& mutators);

/// What a recipe makes of a clean input [C, H, W] of the finding, inside its budget. Throws Error (kUsage) when it is
/// no image, or a step is of another version of its mutator or follows a gradient: which model's is not told by the
/// input.
[[nodiscard]] Tensor witness_by(const Recipe& recipe, const Failure& failure, const Tensor& clean,
                                const MutatorRegistry& mutators);

enum class RecipeEnd {
  kMade,
  kOtherData,        ///< The clean input is not among the data, at its place.
  kNotReproducible,  ///< It renders to another witness than the one that was found: nothing can be said of that one.
};

struct RecipeMade {
  RecipeEnd end = RecipeEnd::kOtherData;
  std::string why{};                ///< In a sentence what could not be done.
  const Discovery* from = nullptr;  ///< Of the finding's own: the one whose recipe and data made it.
};

/// Findings of which only a recipe is stored get their tensors again. Safe to share between threads. Everything it is
/// made from must outlive it.
class StoredRecipes {
 public:
  StoredRecipes(const Dataset& data, const MutatorRegistry& mutators) : data_(data), mutators_(mutators) {}

  /// Gives the finding its tensors.
  [[nodiscard]] RecipeMade make(StoredFinding& stored) const;

 private:
  [[nodiscard]] RecipeMade make_from(StoredFinding& stored, const Discovery& discovery) const;

  const Dataset& data_;
  const MutatorRegistry& mutators_;
};

}  // namespace faultline
