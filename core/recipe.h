// How an input was made from a clean one: mutators with all their parameters and random keys, one after another.
// Rendering it again gives the same bytes.
//
//   const Recipe recipe{{{.mutator = "rotate", .version = 1, .values = {20}, .key = 7}}};
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace faultline {

struct RecipeStep {
  std::string mutator{};
  int version = 1;               ///< Of the mutator.
  std::vector<double> values{};  ///< One per parameter, in the mutator's order; of a choice its place.
  std::uint64_t key = 0;         ///< Of its Draws.
  bool operator==(const RecipeStep&) const = default;
};

/// Without steps: the clean input.
struct Recipe {
  std::vector<RecipeStep> steps{};
  bool operator==(const Recipe&) const = default;
};

}  // namespace faultline
