// Random changes of inputs: what mutation and crossover of a fuzzer are to recipes.
#pragma once

#include "faultline/core/draws.h"
#include "faultline/fuzz/fuzz_input.h"

namespace faultline {

/// A recipe of one to three random steps, inside the limits.
[[nodiscard]] Recipe random_recipe(const RecipeSpace& space, Draws& draws);

/// One to three changes of the recipe: a parameter moved, a step added, dropped, replaced or moved, a new key. Inside
/// the limits of the space.
[[nodiscard]] FuzzInput changed(const FuzzInput& parent, const RecipeSpace& space, Draws& draws);

/// The seed of the first with steps of both, each in order.
[[nodiscard]] FuzzInput crossed(const FuzzInput& first, const FuzzInput& second, const RecipeSpace& space,
                                Draws& draws);

}  // namespace faultline
