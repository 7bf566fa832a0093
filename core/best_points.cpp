#include "faultline/core/best_points.h"

#include <cstring>
#include <limits>

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
    : goal_(batch.labels, threat),
      points_(batch.inputs.clone(at::MemoryFormat::Contiguous)),
      margins_(static_cast<std::size_t>(batch.size()), std::numeric_limits<double>::infinity()),
      claimed_(at::zeros({batch.size()}, at::kBool)) {}

Tensor BestPoints::offer(const Tensor& rows, const Tensor& points, const Tensor& logits) {
  return offer(rows, points, goal_.slack(rows.cpu(), points, logits));
}

Tensor BestPoints::offer(const Tensor& rows, const Tensor& points, const Slack& slack) {
  const Tensor host_rows = rows.cpu().contiguous();
  const Tensor margins = slack.values.contiguous();
  const Tensor tolerances = slack.tolerance.contiguous();
  Tensor done = at::empty({host_rows.size(0)}, at::kBool);

  const std::int64_t* row = host_rows.const_data_ptr<std::int64_t>();
  const double* margin = margins.const_data_ptr<double>();
  const double* tolerance = tolerances.const_data_ptr<double>();
  replaced_.clear();
  for (std::int64_t i = 0; i < host_rows.size(0); ++i) {
    double& known = margins_[static_cast<std::size_t>(row[i])];
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

Tensor BestPoints::unfinished_among(const Tensor& rows) const {
  return claimed_.index_select(0, rows).logical_not().nonzero().squeeze(1);
}

}  // namespace faultline
