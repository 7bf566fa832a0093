#include "faultline/attacks/target_order.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "faultline/core/finite.h"
#include "faultline/core/linearised_distance.h"

namespace faultline {

namespace {

/// The wrong classes, the one with the highest logit first: [N, K - 1] int64.
Tensor ranked(const Tensor& logits, const Tensor& labels) {
  const Tensor below = logits.neg().to(at::kDouble);
  below.scatter_(1, labels.unsqueeze(1), std::numeric_limits<double>::infinity());
  const Tensor classes = std::get<1>(below.sort(/*stable=*/true, /*dim=*/1, /*descending=*/false));
  return classes.narrow(1, 0, classes.size(1) - 1);
}

/// The distances to where classes [N, C] draw level with the label, if the model were linear: [N, C] float64.
Tensor linearised_distances(const Linearization& here, const Tensor& labels, const Tensor& classes, Norm norm) {
  const Tensor label = labels.unsqueeze(1);
  std::vector<Tensor> distances;
  for (std::int64_t number = 0; number < classes.size(1); ++number) {
    const Tensor other = classes.narrow(1, number, 1);
    const Tensor lead = (here.logits.gather(1, label) - here.logits.gather(1, other)).squeeze(1).to(at::kDouble);
    const Tensor cotangent = at::zeros_like(here.logits).scatter_(1, label, -1.0).scatter_(1, other, 1.0);
    const Tensor length = dual_length(finite_or_zero(here.pullback(cotangent)), norm);
    distances.push_back(lead / length.clamp_min(std::numeric_limits<float>::min()));
  }
  return at::stack(distances, 1);
}

}  // namespace

Tensor ordered_targets(Target& target, const Batch& batch, const ThreatModel& threat, TargetOrder order) {
  if (order == TargetOrder::kRank) {
    return ranked(target.logits(batch.inputs), batch.labels);
  }
  const Linearization here = target.linearize(batch.inputs);
  const Tensor classes = ranked(here.logits, batch.labels);
  const std::int64_t near = std::min(kLinearisedClasses, classes.size(1));
  const Tensor nearest = classes.narrow(1, 0, near);
  const Tensor distances = linearised_distances(here, batch.labels, nearest, threat.norm);
  const Tensor places = std::get<1>(distances.sort(/*stable=*/true, /*dim=*/1, /*descending=*/false));
  return at::cat({nearest.gather(1, places), classes.narrow(1, near, classes.size(1) - near)}, 1);
}

}  // namespace faultline
