// The data of --data, from which findings that are stored as recipes get their inputs again.
//
//   const RecipeData data(flags.data, context.registries);
//   const std::string why_not = data.complete(stored);
#pragma once

#include <memory>
#include <optional>

#include "faultline/cli/commands.h"
#include "faultline/cli/flags.h"
#include "faultline/eval/stored_recipe.h"

namespace faultline {

/// The registries must outlive it.
class RecipeData {
 public:
  /// Opens the data; without --data nothing. Throws Error (kUsage).
  RecipeData(const DataFlags& flags, const Registries& registries);

  /// Null without --data.
  [[nodiscard]] const StoredRecipes* recipes() const { return recipes_ ? &*recipes_ : nullptr; }

  /// Gives a finding that has no tensors its own; says why not when that cannot be done, else nothing.
  [[nodiscard]] std::string complete(StoredFinding& stored) const;

 private:
  std::unique_ptr<const Dataset> data_;
  std::optional<StoredRecipes> recipes_;
};

}  // namespace faultline
