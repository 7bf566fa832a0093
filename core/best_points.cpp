#include "faultline/core/best_points.h"

#include <cstring>
#include <limits>

#include "faultline/core/margin.h"

namespace faultline {

namespace {

/// destination[rows[i]] = source[i] for the places in `chosen`; float32 [*, ...] of one row size. One pass on the CPU.
void copy_rows(Tensor& destination, const std::int64_t* rows, const Tensor& source,
               const std::vector<std::int64_t>& chosen) {
  if (chosen.empty()) {
    return;
  }
  if (!destination.is_cpu() || !source.is_contiguous()) {
    std::vector<std::int64_t> places;
    std::ranges::transform(chosen, std::back_inserter(places), [&](std::int64_t i) { return rows[i]; });
    destination.index_copy_(0, at::tensor(places, at::kLong).to(destination.device()),
                            source.index_select(0, at::tensor(chosen, at::kLong).to(source.device())));
    return;
  }
  const auto width = static_cast<std::size_t>(source.numel() / source.size(0));
  const float* from = source.const_data_ptr<float>();
  float* to = destination.mutable_data_ptr<float>();
  for (const std::int64_t i : chosen) {
    std::memcpy(to + static_cast<std::size_t>(rows[i]) * width, from + static_cast<std::size_t>(i) * width,
                width * sizeof(float));
  }
}

}  // namespace

BestPoints::BestPoints(const Batch& batch, const ThreatModel& threat)
    : labels_(batch.labels.cpu()),
      threat_(threat),
      points_(batch.inputs.clone(at::MemoryFormat::Contiguous)),
      margins_(static_cast<std::size_t>(batch.size()), std::numeric_limits<float>::infinity()),
      claimed_(at::zeros({batch.size()}, at::kBool)) {
  if (threat.targeted()) {
    threat_.targets = threat.targets.cpu();
  }
}

Tensor BestPoints::offer(const Tensor& rows, const Tensor& points, const Tensor& logits) {
  const Tensor host_logits = logits.to(at::kCPU, at::kFloat);
  const Tensor host_rows = rows.cpu().contiguous();
  ThreatModel goal;
  if (threat_.targeted()) {
    goal.targets = threat_.targets.index_select(0, host_rows);
  }
  const Tensor margins = goal_margin(host_logits, labels_.index_select(0, host_rows), goal).contiguous();
  const Tensor tolerances = tau(host_logits).contiguous();
  Tensor done = at::empty({host_rows.size(0)}, at::kBool);

  const std::int64_t* row = host_rows.const_data_ptr<std::int64_t>();
  const float* margin = margins.const_data_ptr<float>();
  const float* tolerance = tolerances.const_data_ptr<float>();
  replaced_.clear();
  for (std::int64_t i = 0; i < host_rows.size(0); ++i) {
    float& known = margins_[static_cast<std::size_t>(row[i])];
    const bool reached = margin[i] < -tolerance[i];
    bool& claimed = claimed_.mutable_data_ptr<bool>()[row[i]];
    if ((reached && !claimed) || (margin[i] < known && (reached || !claimed))) {
      known = margin[i];
      replaced_.push_back(i);
    }
    done.mutable_data_ptr<bool>()[i] = reached;
    claimed |= reached;
  }
  copy_rows(points_, row, points, replaced_);
  return done;
}

Tensor BestPoints::unfinished() const { return claimed_.logical_not().nonzero().squeeze(1); }

}  // namespace faultline
