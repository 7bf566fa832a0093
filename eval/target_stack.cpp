#include "faultline/eval/target_stack.h"

namespace faultline {

TargetStack::TargetStack(const TargetFactory& make) : plain_(make()), padded_(*plain_) {}

}  // namespace faultline
