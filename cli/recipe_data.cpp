#include "faultline/cli/recipe_data.h"

#include "faultline/cli/console.h"

namespace faultline {

RecipeData::RecipeData(const DataFlags& flags, const Registries& registries) {
  if (!flags.spec.empty()) {
    data_ = registries.data.open(flags.spec, parse_data_options(flags));
    recipes_.emplace(*data_, registries.mutators);
  }
}

void RecipeData::complete(StoredFinding& stored) const {
  if (stored.finding.has_tensors()) {
    return;
  }
  const RecipeMade made = recipes_ ? recipes_->make(stored) : RecipeMade{.why = kGiveData};
  if (made.end != RecipeEnd::kMade) {
    print_warnings({{"recipe", "finding " + short_id(stored.finding.id) + ": " + made.why}});
  }
}

}  // namespace faultline
