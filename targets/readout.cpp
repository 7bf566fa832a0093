#include "faultline/targets/readout.h"

namespace faultline {

Tensor ReadoutTarget::read(const Tensor& inner_logits) const {
  // Row by row in a fixed order: a matrix product's order of summation may depend on the number of rows.
  const Tensor value = (inner_logits * direction_.to(inner_logits.device())).sum(1).sub(threshold_);
  return at::stack({value.neg(), value}, 1);
}

Tensor ReadoutTarget::logits(const Tensor& inputs) { return read(inner_->logits(inputs)); }

Linearization ReadoutTarget::linearize(const Tensor& inputs) {
  Linearization here = inner_->linearize(inputs);
  const Tensor direction = direction_.to(here.logits.device());
  return {read(here.logits), [direction, pullback = std::move(here.pullback)](const Tensor& cotangent) {
            return pullback((cotangent.select(1, 1) - cotangent.select(1, 0)).unsqueeze(1) * direction);
          }};
}

}  // namespace faultline
