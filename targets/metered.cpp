#include "faultline/targets/metered.h"

#include "faultline/core/finite.h"

namespace faultline {

Tensor MeteredTarget::logits(const Tensor& inputs) {
  Tensor outputs = inner_.logits(inputs);
  count(outputs);
  return outputs;
}

Linearization MeteredTarget::linearize(const Tensor& inputs) {
  Linearization at_inputs = inner_.linearize(inputs);
  count(at_inputs.logits);
  return {at_inputs.logits, [this, pullback = std::move(at_inputs.pullback)](const Tensor& cotangent) {
            meter_.backwards += cotangent.size(0);
            return pullback(cotangent);
          }};
}

void MeteredTarget::count(const Tensor& logits) {
  meter_.forwards += logits.size(0);
  meter_.not_finite += logits.size(0) - finite_rows(logits).sum().item<std::int64_t>();
}

}  // namespace faultline
