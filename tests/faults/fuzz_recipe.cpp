#include "faultline/eval/fuzz_state.h"
#include "faultline/fuzz/fuzz_input.h"
#include "faultline/mutators/register_mutators.h"
#include "faults/fuzz_reading.h"

namespace {

using namespace faultline;

const RecipeSpace& every_mutator() {
  static const MutatorRegistry kRegistry = [] {
    MutatorRegistry registry;
    register_mutators(registry);
    return registry;
  }();
  static const RecipeSpace kSpace = [] {
    std::vector<AllowedMutator> allowed;
    for (const MutatorRegistry::Entry& entry : kRegistry.entries()) {
      allowed.push_back({&entry, kSeverities});
    }
    return RecipeSpace(allowed, {3, 12, 9}, {.validity = 40});
  }();
  return kSpace;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::int64_t kSeeds = 3;
  const RecipeSpace& space = every_mutator();
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)fuzz([&] { (void)parse_state(text, space, kSeeds, "fuzz"); });
  const FuzzInput input = decode({data, size}, space, kSeeds);
  FAULTLINE_ASSERT(space.contains(input.recipe), "any bytes are a recipe of the space");
  const std::vector<std::uint8_t> canonical = encode(input, space);
  FAULTLINE_ASSERT(decode(canonical, space, kSeeds) == input, "canonical bytes read back");
  const Tensor image = space.render(input.recipe, at::full({3, 12, 9}, 0.5, at::kFloat), Bounds{});
  FAULTLINE_ASSERT(image.ge(0).logical_and(image.le(1)).all().item<bool>(), "inside the bounds");
  return 0;
}
