#include "faultline/cli/recipe_data.h"

namespace faultline {

RecipeData::RecipeData(const DataFlags& flags, const Registries& registries) {
  if (!flags.spec.empty()) {
    data_ = registries.data.open(flags.spec, parse_data_options(flags));
    recipes_.emplace(*data_, registries.mutators);
  }
}

std::string RecipeData::complete(StoredFinding& stored) const {
  if (stored.finding.has_tensors()) {
    return "";
  }
  return recipes_ ? recipes_->make(stored).why : kGiveData;
}

}  // namespace faultline
