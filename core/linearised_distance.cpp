#include "faultline/core/linearised_distance.h"

#include <limits>

#include "faultline/core/error.h"
#include "faultline/core/finite.h"
#include "faultline/core/loss.h"

namespace faultline {

namespace {

double dual_order(Norm norm) {
  switch (norm) {
    case Norm::kL1:
      return std::numeric_limits<double>::infinity();
    case Norm::kL2:
      return 2;
    case Norm::kLinf:
      return 1;
    case Norm::kL0:
      break;
  }
  FAULTLINE_ASSERT(false, "L0 has no dual norm");
}

}  // namespace

Tensor dual_length(const Tensor& gradients, Norm norm) {
  return at::linalg_vector_norm(gradients.flatten(1), dual_order(norm), at::IntArrayRef{1}, /*keepdim=*/false,
                                at::kDouble);
}

LinearisedMargin linearised_margin(Target& target, const Tensor& points, const Tensor& labels,
                                   const ThreatModel& threat) {
  const Linearization here = target.linearize(points);
  const LossGradient loss = differentiate(Loss::kMargin, here.logits, labels, threat);
  const Tensor gradients = finite_or_zero(here.pullback(loss.cotangent));
  const Tensor margins = loss.value.to(at::kCPU, at::kDouble).neg();
  return {margins, margins / dual_length(gradients, threat.norm).cpu(), gradients};
}

}  // namespace faultline
