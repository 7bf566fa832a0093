#include "faultline/fuzz/children.h"
#include "faultline/fuzz/island.h"

namespace faultline {

void run_loop_engine(Island& island) {
  Breeder breeder(island);
  while (!island.finished()) {
    Draws draws = island.next_draws();
    for (const Screened& one : breeder.next_forward({}, draws)) {
      island.keep(one.input, one.features);
    }
  }
}

}  // namespace faultline
