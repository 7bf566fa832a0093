#include "faultline/core/best_points.h"

#include <cstring>
#include <limits>

#include "faultline/core/margin.h"

namespace faultline {

namespace {

/// destination[rows[i]] = source[i] where mask[i]; float32 [*, ...] of one row size. One pass on the CPU.
void copy_rows(Tensor& destination, const Tensor& rows, const Tensor& source, const Tensor& mask) {
  if (!destination.is_cpu() || !source.is_contiguous()) {
    const Tensor chosen = mask.nonzero().squeeze(1);
    destination.index_copy_(0, rows.index_select(0, chosen), source.index_select(0, chosen));
    return;
  }
  const auto width = static_cast<std::size_t>(source.numel() / std::max<std::int64_t>(1, source.size(0)));
  const std::int64_t* row = rows.const_data_ptr<std::int64_t>();
  const bool* wanted = mask.const_data_ptr<bool>();
  const float* from = source.const_data_ptr<float>();
  float* to = destination.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < source.size(0); ++i) {
    if (wanted[i]) {
      std::memcpy(to + static_cast<std::size_t>(row[i]) * width, from + static_cast<std::size_t>(i) * width,
                  width * sizeof(float));
    }
  }
}

}  // namespace

BestPoints::BestPoints(const Batch& batch, const ThreatModel& threat)
    : batch_(batch),
      threat_(threat),
      points_(batch.inputs.clone(at::MemoryFormat::Contiguous)),
      margins_(at::full({batch.size()}, std::numeric_limits<float>::infinity(), batch.inputs.options())),
      claimed_(at::zeros({batch.size()}, batch.inputs.options().dtype(at::kBool))) {}

Tensor BestPoints::offer(const Tensor& rows, const Tensor& points, const Tensor& logits) {
  const ThreatModel threat = threat_.targeted() ? select(threat_, rows) : threat_;
  const Tensor margins = goal_margin(logits, batch_.labels.index_select(0, rows), threat);
  const Tensor known = margins_.index_select(0, rows);
  const Tensor better = margins.lt(known);
  copy_rows(points_, rows, points, better);
  margins_.index_copy_(0, rows, at::where(better, margins, known));
  const Tensor done = margins.lt(tau(logits).neg());
  claimed_.index_copy_(0, rows, claimed_.index_select(0, rows).logical_or_(done));
  return done;
}

Tensor BestPoints::unfinished() const { return claimed_.logical_not().nonzero().squeeze(1); }

}  // namespace faultline
