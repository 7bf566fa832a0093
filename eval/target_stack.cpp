#include "faultline/eval/target_stack.h"

namespace faultline {

TargetStack::TargetStack(const TargetFactory& make, const TargetFactory& make_other)
    : plain_(make()),
      padded_(*plain_),
      other_(make_other ? make_other() : nullptr),
      other_padded_(other_ ? std::make_unique<PaddedTarget>(*other_) : nullptr) {}

}  // namespace faultline
