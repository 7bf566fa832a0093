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
  std::string why = "give the data it was made from with --data";
  if (!recipes_ || recipes_->make(stored, why) != RecipeEnd::kMade) {
    print_warnings({{"recipe", "finding " + short_id(stored.finding.id) + " is stored as a recipe: " + why}});
  }
}

}  // namespace faultline
