#include "faultline/targets/metered.h"

namespace faultline {

Tensor MeteredTarget::logits(const Tensor& inputs) {
  meter_.forwards += inputs.size(0);
  return inner_.logits(inputs);
}

Linearization MeteredTarget::linearize(const Tensor& inputs) {
  meter_.forwards += inputs.size(0);
  Linearization at_inputs = inner_.linearize(inputs);
  return {at_inputs.logits, [this, pullback = std::move(at_inputs.pullback)](const Tensor& cotangent) {
            meter_.backwards += cotangent.size(0);
            return pullback(cotangent);
          }};
}

}  // namespace faultline
