// From the user's goal to a target class per sample.
#pragma once

#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/eval/plan.h"

namespace faultline {

/// The class each sample is to be taken for: [N] int64; undefined when untargeted. `clean_logits` [N, K].
/// Random: any class but the label, from the sample's own stream. Least likely: the lowest logit that is not the
/// label's.
[[nodiscard]] Tensor targets_of(const Goal& goal, const Batch& batch, const Tensor& clean_logits, const Rng& rng);

}  // namespace faultline
