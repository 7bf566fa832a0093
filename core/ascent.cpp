#include "faultline/core/ascent.h"

#include <limits>

#include "faultline/core/error.h"
#include "faultline/core/threat_model.h"

namespace faultline {

Tensor ascent_direction(Tensor gradient, Norm norm, double l1_share) {
  switch (norm) {
    case Norm::kLinf:
      return gradient.sign_();
    case Norm::kL2: {
      const Tensor length =
          at::linalg_vector_norm(gradient.flatten(1), 2, at::IntArrayRef{1}, /*keepdim=*/false, at::kDouble);
      return gradient.mul_(broadcast_rows(length.clamp_min(std::numeric_limits<float>::min()).reciprocal(), gradient));
    }
    case Norm::kL1: {
      const Tensor rows = gradient.flatten(1);
      const auto kept =
          std::max<std::int64_t>(1, static_cast<std::int64_t>(l1_share * static_cast<double>(rows.size(1))));
      const Tensor places = std::get<1>(rows.abs().topk(kept, /*dim=*/1));
      const Tensor signs = rows.gather(1, places).sign_().div_(static_cast<double>(kept));
      return at::zeros_like(rows).scatter_(1, places, signs).view_as(gradient);
    }
    case Norm::kL0:
      break;
  }
  FAULTLINE_ASSERT(false, "no ascent direction for this norm");
}

}  // namespace faultline
