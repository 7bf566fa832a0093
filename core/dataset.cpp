#include "faultline/core/dataset.h"

#include <cmath>

#include "faultline/core/error.h"
#include "faultline/core/number.h"

namespace faultline {

namespace {

/// Throws naming the first value that is not finite or outside the bounds.
void check_values(const Tensor& inputs, std::int64_t first, const Bounds& bounds) {
  // NaN fails both comparisons, so the negated test catches it.
  const Tensor inside = inputs.ge(bounds.lower).logical_and_(inputs.le(bounds.upper));
  if (inside.all().item<bool>()) {
    return;
  }
  const Tensor place = inside.logical_not().nonzero()[0];
  Tensor value = inputs;
  for (std::int64_t axis = 0; axis < place.size(0); ++axis) {
    value = value.select(0, place[axis].item<std::int64_t>());
  }
  const double number = value.item<double>();
  const std::string reason = std::isfinite(number)
                                 ? ", outside the bounds " + shortest(bounds.lower) + ".." + shortest(bounds.upper) +
                                       "; give the range of the inputs with --bounds"
                                 : ", which is not finite; repair the file";
  throw Error{ErrorCode::kUsage, "--data: sample " + std::to_string(first + place[0].item<std::int64_t>()) +
                                     " holds the value " + shortest(number) + reason};
}

}  // namespace

Batch read_batch(const Dataset& data, std::int64_t first, std::int64_t count, const Bounds& bounds) {
  FAULTLINE_ASSERT(first >= 0 && count > 0 && first + count <= data.size(), "samples outside the data set");
  Batch batch;
  batch.inputs = data.read(first, count);
  check_values(batch.inputs, first, bounds);
  const auto begin = data.labels().begin() + first;
  batch.labels = at::tensor(std::vector<std::int64_t>(begin, begin + count), at::kLong);
  batch.ids = identify(batch.inputs, first);
  return batch;
}

}  // namespace faultline
