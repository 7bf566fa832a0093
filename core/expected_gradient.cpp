#include "faultline/core/expected_gradient.h"

namespace faultline {

Tensor expected_gradient(Target& target, const Tensor& points, const Ascended& ascended, int draws, Tensor first) {
  for (int draw = 1; draw < draws; ++draw) {
    const Linearization here = target.linearize(points);
    first.add_(here.pullback(differentiate(ascended.loss, here.logits, ascended.labels, ascended.threat).cotangent));
  }
  return draws > 1 ? first.div_(draws) : first;
}

}  // namespace faultline
