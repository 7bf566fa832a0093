#include "faultline/attacks/target_order.h"

#include <limits>

#include "faultline/core/linearised_distance.h"

namespace faultline {

namespace {

/// Per class the distance to where it draws level with the label, if the model were linear: [N, K] float64, infinite
/// for the label itself.
Tensor linearised_distances(Target& target, const Batch& batch, Norm norm) {
  const Linearization here = target.linearize(batch.inputs);
  const Tensor label = batch.labels.unsqueeze(1);
  const Tensor lead = here.logits.gather(1, label) - here.logits;  // [N, K]
  Tensor distances = at::full(lead.sizes(), std::numeric_limits<double>::infinity(), lead.options().dtype(at::kDouble));
  for (std::int64_t other = 0; other < lead.size(1); ++other) {
    Tensor cotangent = at::zeros_like(here.logits).scatter_(1, label, -1.0);
    cotangent.select(1, other).add_(1);
    const Tensor length = dual_length(here.pullback(cotangent), norm);
    const Tensor distance = lead.select(1, other).to(at::kDouble) / length.clamp_min(std::numeric_limits<float>::min());
    distances.select(1, other).copy_(distance);
  }
  return distances.scatter_(1, label, std::numeric_limits<double>::infinity());
}

}  // namespace

Tensor ordered_targets(Target& target, const Batch& batch, const ThreatModel& threat, TargetOrder order) {
  Tensor distances;
  if (order == TargetOrder::kLinearised) {
    distances = linearised_distances(target, batch, threat.norm);
  } else {
    distances = target.logits(batch.inputs).neg().to(at::kDouble);
    distances.scatter_(1, batch.labels.unsqueeze(1), std::numeric_limits<double>::infinity());
  }
  const Tensor classes = std::get<1>(distances.sort(/*stable=*/true, /*dim=*/1, /*descending=*/false));
  return classes.narrow(1, 0, classes.size(1) - 1);
}

}  // namespace faultline
