#include "faultline/attacks/apgd_t.h"

#include <algorithm>
#include <limits>

#include "faultline/attacks/adaptive_ascent.h"
#include "faultline/attacks/restarts.h"
#include "faultline/core/registry.h"

namespace faultline {

namespace {

/// The norm in which gradients are measured when points are in `norm`.
double dual_order(Norm norm) {
  switch (norm) {
    case Norm::kL1:
      return std::numeric_limits<double>::infinity();
    case Norm::kL2:
      return 2;
    case Norm::kL0:
    case Norm::kLinf:
      break;
  }
  return 1;
}

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
    const Tensor length = at::linalg_vector_norm(here.pullback(cotangent).flatten(1), dual_order(norm),
                                                 at::IntArrayRef{1}, /*keepdim=*/false, at::kDouble);
    const Tensor distance = lead.select(1, other).to(at::kDouble) / length.clamp_min(std::numeric_limits<float>::min());
    distances.select(1, other).copy_(distance);
  }
  return distances.scatter_(1, label, std::numeric_limits<double>::infinity());
}

/// Wrong classes [N, K - 1] int64, the most promising first; equals in order of their numbers.
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

}  // namespace

AttackResult apgd_t(Target& target, const Batch& batch, const ThreatModel& threat, const ApgdTOptions& options,
                    const Rng& rng) {
  BestPoints best(batch, threat);
  const Tensor targets = ordered_targets(target, batch, threat, options.order);
  const AdaptiveAscentSetting setting{
      .loss = options.loss, .steps = options.steps, .rho = options.rho, .l1_radii = options.l1_radii};
  const auto count = static_cast<int>(std::min<std::int64_t>(options.targets, targets.size(1)));
  for_each_restart(best, batch, threat, count, [&](const Restart& now) {
    ThreatModel aim = now.threat;
    aim.targets = targets.select(1, now.number).index_select(0, now.rows.to(targets.device()));
    adaptive_ascent(target, now.part, aim, setting, far_start(now.part, aim, rng, now.number), now.rows, best);
  });
  return std::move(best).result();
}

void register_apgd_t(AttackRegistry& registry) {
  registry.add<&apgd_t>({.name = "apgd-t",
                         .kind = AttackKind::kFixedBudget,
                         .norms = {Norm::kL1, Norm::kL2, Norm::kLinf},
                         .targeted = false,
                         .paper = "arXiv:2003.01690",
                         .summary = "Auto-PGD towards the likeliest wrong classes in turn",
                         .cost = "910 F + 900 B"});
}

}  // namespace faultline
