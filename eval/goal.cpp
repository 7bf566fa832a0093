#include "faultline/eval/goal.h"

#include <limits>

#include "faultline/core/error.h"

namespace faultline {

namespace {

Tensor random_targets(const Batch& batch, std::int64_t classes, const Rng& rng) {
  Tensor targets = batch.labels.clone();
  for (std::int64_t row = 0; row < batch.size(); ++row) {
    const std::uint64_t word = rng.word(batch.ids[static_cast<std::size_t>(row)], {});
    const auto step = static_cast<std::int64_t>(word % static_cast<std::uint64_t>(classes - 1)) + 1;
    targets[row] = (batch.labels[row].item<std::int64_t>() + step) % classes;
  }
  return targets;
}

}  // namespace

Tensor targets_of(const Goal& goal, const Batch& batch, const Tensor& clean_logits, const Rng& rng) {
  switch (goal.kind) {
    case Goal::Kind::kUntargeted:
      return {};
    case Goal::Kind::kClass:
      if (goal.target >= clean_logits.size(1)) {
        throw Error{ErrorCode::kUsage, "--targeted: class " + std::to_string(goal.target) +
                                           " does not exist; the model has the classes 0.." +
                                           std::to_string(clean_logits.size(1) - 1)};
      }
      return at::full_like(batch.labels, goal.target);
    case Goal::Kind::kRandom:
      return random_targets(batch, clean_logits.size(1), rng);
    case Goal::Kind::kLeastLikely:
      return clean_logits.scatter(1, batch.labels.unsqueeze(1), std::numeric_limits<double>::infinity()).argmin(1);
  }
  FAULTLINE_ASSERT(false, "unknown goal");
}

}  // namespace faultline
