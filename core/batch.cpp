#include "faultline/core/batch.h"

#include <span>

#include "faultline/core/error.h"
#include "faultline/core/hash.h"

namespace faultline {

Batch select(const Batch& batch, const Tensor& rows) {
  Batch part{batch.inputs.index_select(0, rows.to(batch.inputs.device())),
             batch.labels.index_select(0, rows.to(batch.labels.device())),
             {},
             {}};
  if (batch.starts.defined()) {
    part.starts = batch.starts.index_select(0, rows.to(batch.starts.device()));
  }
  const Tensor host_rows = rows.to(at::kCPU, at::kLong).contiguous();
  part.ids.reserve(static_cast<std::size_t>(host_rows.numel()));
  for (const std::int64_t row :
       std::span(host_rows.const_data_ptr<std::int64_t>(), static_cast<std::size_t>(host_rows.numel()))) {
    part.ids.push_back(batch.ids[static_cast<std::size_t>(row)]);
  }
  return part;
}

std::vector<SampleId> identify(const Tensor& inputs, std::int64_t first_index) {
  std::vector<SampleId> ids;
  ids.reserve(static_cast<std::size_t>(inputs.size(0)));
  for (std::int64_t row = 0; row < inputs.size(0); ++row) {
    ids.push_back({first_index + row, hash_of(inputs[row])});
  }
  return ids;
}

std::uint64_t hash_of(const Tensor& input) {
  FAULTLINE_ASSERT(input.scalar_type() == at::kFloat, "a sample is float32");
  const Tensor host = input.detach().cpu().contiguous();
  return content_hash(std::as_bytes(std::span(host.const_data_ptr<float>(), static_cast<std::size_t>(host.numel()))));
}

}  // namespace faultline
