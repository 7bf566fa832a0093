// What guided engines try next.
#pragma once

#include "faultline/fuzz/island.h"

namespace faultline {

/// Who an engine of its own wish takes for parents; null: the island chooses.
struct Parents {
  const FuzzInput* first = nullptr;
  const FuzzInput* second = nullptr;
};

/// One child, of five kinds: the input that came nearest to failing for a seed, changed; the recipe that came nearest
/// for another seed, on this one; a parent changed; two parents crossed; a seed with a random recipe. Seeds are drawn
/// by weight.
[[nodiscard]] FuzzInput drawn_child(const Island& island, const Parents& parents, Draws& draws);

}  // namespace faultline
