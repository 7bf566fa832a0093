#include "faultline/attacks/square.h"

#include "faultline/attacks/square_search.h"
#include "faultline/core/registry.h"

namespace faultline {

AttackResult square(ScoreTarget& target, const Batch& batch, const ThreatModel& threat, const SquareOptions& options,
                    const Rng& rng) {
  return square_search(target, batch, threat, {options.queries, options.first_share, options.variant}, rng);
}

void register_square(AttackRegistry& registry) {
  registry.add<&square>({.name = "square",
                         .kind = AttackKind::kFixedBudget,
                         .norms = {Norm::kL1, Norm::kL2, Norm::kLinf},
                         .paper = "arXiv:1912.00049",
                         .summary = "Square Attack: random windows that lower the margin, without gradients",
                         .cost = "5001 F"});
}

}  // namespace faultline
