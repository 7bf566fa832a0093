#include "faultline/fuzz/children.h"

#include "faultline/fuzz/recipe_changes.h"

namespace faultline {

namespace {

const FuzzInput& drawn_from_corpus(const Island& island, Draws& draws) {
  return island.corpus()[static_cast<std::size_t>(draws.below(static_cast<int>(island.corpus().size())))].input;
}

const FuzzInput& chosen(const FuzzInput* parent, const Island& island, Draws& draws) {
  return parent != nullptr ? *parent : drawn_from_corpus(island, draws);
}

}  // namespace

FuzzInput drawn_child(const Island& island, const Parents& parents, Draws& draws) {
  const RecipeSpace& space = island.task().space;
  const int dice = draws.below(100);
  const std::int64_t seed = island.weights().drawn(draws);
  const Champion* own = island.champion(seed);
  if (dice < 40 && own != nullptr) {
    FuzzInput child = changed(own->input, space, draws);
    child.seed = seed;
    return child;
  }
  if (dice < 60) {
    if (const Champion* other = island.drawn_champion(draws)) {
      const FuzzInput moved{.seed = seed, .recipe = other->input.recipe};
      return draws.sign() > 0 ? moved : changed(moved, space, draws);
    }
  }
  if (dice < 75 && !island.corpus().empty()) {
    return changed(chosen(parents.first, island, draws), space, draws);
  }
  if (dice < 85 && !island.corpus().empty()) {
    FuzzInput child =
        crossed(chosen(parents.first, island, draws), chosen(parents.second, island, draws), space, draws);
    child.seed = seed;
    return child;
  }
  return {.seed = seed, .recipe = random_recipe(space, draws)};
}

}  // namespace faultline
