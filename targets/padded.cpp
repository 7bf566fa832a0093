#include "faultline/targets/padded.h"

namespace faultline {

namespace {

/// [N, ...] -> [max(N, floor), ...].
Tensor pad_rows(const Tensor& rows) {
  std::vector<std::int64_t> shape = rows.sizes().vec();
  shape[0] = kFloorBatch - rows.size(0);
  return at::cat({rows, rows.narrow(0, rows.size(0) - 1, 1).expand(shape)});
}

}  // namespace

Tensor PaddedTarget::logits(const Tensor& inputs) {
  const std::int64_t rows = inputs.size(0);
  return rows >= kFloorBatch ? inner_.logits(inputs) : inner_.logits(pad_rows(inputs)).narrow(0, 0, rows);
}

Linearization PaddedTarget::linearize(const Tensor& inputs) {
  const std::int64_t rows = inputs.size(0);
  if (rows >= kFloorBatch) {
    return inner_.linearize(inputs);
  }
  Linearization padded = inner_.linearize(pad_rows(inputs));
  return {padded.logits.narrow(0, 0, rows), [rows, pullback = std::move(padded.pullback)](const Tensor& cotangent) {
            return pullback(pad_rows(cotangent)).narrow(0, 0, rows);
          }};
}

}  // namespace faultline
