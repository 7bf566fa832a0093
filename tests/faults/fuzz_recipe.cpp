#include "faultline/eval/fuzz_state.h"
#include "faultline/eval/recipe_json.h"
#include "faultline/fuzz/fuzz_input.h"
#include "faultline/mutators/register_mutators.h"
#include "faults/fuzz_reading.h"

namespace {

using namespace faultline;

const MutatorRegistry& mutators() {
  static const MutatorRegistry kRegistry = [] {
    MutatorRegistry registry;
    register_mutators(registry);
    return registry;
  }();
  return kRegistry;
}

const RecipeSpace& every_mutator() {
  static const RecipeSpace kSpace = [] {
    std::vector<AllowedMutator> allowed;
    for (const MutatorRegistry::Entry& entry : mutators().entries()) {
      allowed.push_back({&entry, kSeverities});
    }
    return RecipeSpace(allowed, {3, 12, 9}, {.validity = 40});
  }();
  return kSpace;
}

Tensor grey_image() { return at::full({3, 12, 9}, 0.5, at::kFloat); }

void check(const Tensor& image) {
  FAULTLINE_ASSERT(image.ge(0).logical_and(image.le(1)).all().item<bool>(), "inside the bounds");
}

/// As it stands in a finding whose input is stored as a recipe.
void read_stored_recipe(const std::string& text) {
  const Recipe recipe = parse_recipe(parse_json(text), mutators(), "fuzz");
  std::vector<const MutatorRegistry::Entry*> steps;
  for (const RecipeStep& step : recipe.steps) {
    steps.push_back(&mutators().at(step.mutator));
  }
  check(rendered(recipe, steps, grey_image(), Bounds{}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t kSeeds = 3;
  const RecipeSpace& space = every_mutator();
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)fuzz([&] { (void)parse_state(text, space, kSeeds, "fuzz"); });
  (void)fuzz([&] { read_stored_recipe(text); });
  const FuzzInput input = decode({data, size}, space, kSeeds);
  FAULTLINE_ASSERT(space.contains(input.recipe), "any bytes are a recipe of the space");
  const std::vector<std::uint8_t> canonical = encode(input, space);
  FAULTLINE_ASSERT(decode(canonical, space, kSeeds) == input, "canonical bytes read back");
  check(space.render(input.recipe, grey_image(), Bounds{}));
  return 0;
}
