#include "faultline/core/threat_model.h"

namespace faultline {

ThreatModel uniform_threat(Norm norm, double epsilon, const Batch& batch, Bounds bounds) {
  return {norm, at::full({batch.size()}, epsilon, batch.inputs.options().dtype(at::kDouble)), bounds, {}};
}

ThreatModel select(const ThreatModel& threat, const Tensor& rows) {
  ThreatModel part = threat;
  part.epsilon = threat.epsilon.index_select(0, rows.to(threat.epsilon.device()));
  if (threat.targeted()) {
    part.targets = threat.targets.index_select(0, rows.to(threat.targets.device()));
  }
  return part;
}

Tensor broadcast_rows(const Tensor& per_row, const Tensor& like) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(like.dim()), 1);
  shape[0] = per_row.size(0);
  return per_row.to(like.scalar_type()).view(shape);
}

}  // namespace faultline
