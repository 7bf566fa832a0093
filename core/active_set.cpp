#include "faultline/core/active_set.h"

#include "faultline/core/error.h"

namespace faultline {

ActiveSet::ActiveSet(std::int64_t rows, at::Device device)
    : rows_(at::arange(rows, at::TensorOptions(device).dtype(at::kLong))), left_(rows) {}

bool ActiveSet::retire(const Tensor& done) {
  FAULTLINE_ASSERT(done.size(0) == size(), "one flag per active row");
  const std::int64_t left = size() - done.sum().item<std::int64_t>();
  before_ = left == size() ? kNothingToCompact : size();
  if (left == size()) {
    return false;
  }
  left_ = left;
  holes_ = done.narrow(0, 0, left).nonzero().squeeze(1);
  movers_ = done.narrow(0, left, size() - left).logical_not().nonzero().squeeze(1) + left;
  compact(rows_);
  return true;
}

void ActiveSet::compact(Tensor& tensor) const {
  FAULTLINE_ASSERT(tensor.size(0) == before_,
                   "each per-row tensor is compacted once after a retire() that returned true");
  if (holes_.size(0) > 0) {
    tensor.index_copy_(0, holes_, tensor.index_select(0, movers_));
  }
  tensor = tensor.narrow(0, 0, left_);
}

}  // namespace faultline
