#include "faultline/fuzz/children.h"
#include "faultline/fuzz/island.h"

namespace faultline {

void run_loop_engine(Island& island) {
  while (!island.finished()) {
    Draws draws = island.next_draws();
    std::vector<FuzzInput> children;
    for (std::size_t i = 0; i < island.forward_size(); ++i) {
      children.push_back(drawn_child(island, {}, draws));
    }
    for (const Screened& one : island.evaluate(std::move(children))) {
      island.keep(one.input, one.features);
    }
  }
}

}  // namespace faultline
