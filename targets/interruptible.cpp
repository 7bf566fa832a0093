#include "faultline/targets/interruptible.h"

#include "faultline/core/error.h"

namespace faultline {

void InterruptibleTarget::check() const {
  if (stop_) {
    throw Error{ErrorCode::kInterrupted, "interrupted"};
  }
}

Tensor InterruptibleTarget::logits(const Tensor& inputs) {
  check();
  return inner_->logits(inputs);
}

Linearization InterruptibleTarget::linearize(const Tensor& inputs) {
  check();
  return inner_->linearize(inputs);
}

}  // namespace faultline
