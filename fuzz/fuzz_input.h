// One input of a fuzzing run: a seed and the recipe that changes it, and the bytes by which libFuzzer knows it.
//
//   const std::vector<std::uint8_t> bytes = encode(input, space);
//   decode(bytes, space, seeds) == input
//
// Bytes, little-endian: the seed's number (4), then per step the mutator's number (1), the key (8) and seven parameters
// as float32 (28). Any bytes are an input: numbers are taken modulo, values moved into their ranges, what is cut off is
// dropped, and the limits of the space hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "faultline/fuzz/recipe_space.h"

namespace faultline {

struct FuzzInput {
  std::int64_t seed = 0;  ///< Number among the run's seeds.
  Recipe recipe{};
  bool operator==(const FuzzInput&) const = default;
};

/// Parameters of one mutator at most.
constexpr std::size_t kMostParameters = 7;
constexpr std::size_t kStepBytes = 1 + 8 + 4 * kMostParameters;
constexpr std::size_t kMostInputBytes = 4 + kMostRecipeSteps * kStepBytes;

/// The canonical bytes, at most kMostInputBytes. Precondition: the space contains the recipe.
[[nodiscard]] std::vector<std::uint8_t> encode(const FuzzInput& input, const RecipeSpace& space);

/// What any bytes mean to a run with that many seeds.
[[nodiscard]] FuzzInput decode(std::span<const std::uint8_t> bytes, const RecipeSpace& space, std::int64_t seeds);

/// 16 hexadecimal digits over what bytes mean: the mutators with their versions and ranges, and the limits.
[[nodiscard]] std::string layout_of(const RecipeSpace& space);

}  // namespace faultline
