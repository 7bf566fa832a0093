#include "faultline/fuzz/island.h"
#include "faultline/fuzz/recipe_changes.h"

namespace faultline {

void run_random_engine(Island& island) {
  const FuzzTask& task = island.task();
  while (!island.finished()) {
    Draws draws = island.next_draws();
    std::vector<FuzzInput> inputs;
    for (std::size_t i = 0; i < island.forward_size(); ++i) {
      FuzzInput input{.seed = draws.below(static_cast<int>(task.seeds.size()))};
      input.recipe = random_recipe(task.space, draws);
      inputs.push_back(std::move(input));
    }
    for (const Screened& one : island.evaluate(std::move(inputs))) {
      island.keep(one.input, one.features);  // for the figures: nothing is made from it
    }
  }
}

}  // namespace faultline
