#include "faultline/core/target.h"

namespace faultline {

Tensor ScoreTarget::decide(const Tensor& inputs) { return logits(inputs).argmax(1); }

}  // namespace faultline
