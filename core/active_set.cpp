#include "faultline/core/active_set.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "faultline/core/error.h"

namespace faultline {

ActiveSet::ActiveSet(std::int64_t rows) : rows_(at::arange(rows, at::kLong)), left_(rows) {}

bool ActiveSet::retire(const Tensor& done) {
  FAULTLINE_ASSERT(done.size(0) == size(), "one flag per active row");
  const Tensor flags = done.cpu().contiguous();
  const bool* finished = flags.const_data_ptr<bool>();
  const std::int64_t left = std::count(finished, finished + size(), false);
  before_ = left == size() ? kNothingToCompact : size();
  if (left == size()) {
    return false;
  }
  left_ = left;
  holes_.clear();
  movers_.clear();
  for (std::int64_t place = 0; place < before_; ++place) {
    if (finished[place] == (place < left)) {
      (place < left ? holes_ : movers_).push_back(place);
    }
  }
  compact(rows_);
  return true;
}

void ActiveSet::compact(Tensor& tensor) const {
  FAULTLINE_ASSERT(tensor.size(0) == before_,
                   "each per-row tensor is compacted once after a retire() that returned true");
  if (tensor.is_cpu() && tensor.is_contiguous()) {
    const std::size_t row_bytes = tensor.nbytes() / static_cast<std::size_t>(before_);
    auto* rows = static_cast<std::byte*>(tensor.mutable_data_ptr());
    for (std::size_t i = 0; i < holes_.size(); ++i) {
      std::memcpy(rows + static_cast<std::size_t>(holes_[i]) * row_bytes,
                  rows + static_cast<std::size_t>(movers_[i]) * row_bytes, row_bytes);
    }
  } else if (!holes_.empty()) {
    const Tensor from = at::tensor(movers_, at::kLong).to(tensor.device());
    tensor.index_copy_(0, at::tensor(holes_, at::kLong).to(tensor.device()), tensor.index_select(0, from));
  }
  tensor = tensor.narrow(0, 0, left_);
}

}  // namespace faultline
