// The search by windows that the Square Attack is, and that other attacks begin with.
//
//   AttackResult found = square_search(target, batch, threat, {.queries = 100}, rng);
#pragma once

#include "faultline/attacks/square_windows.h"
#include "faultline/attacks/variant.h"
#include "faultline/core/attack.h"
#include "faultline/core/batch.h"
#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/core/threat_model.h"

namespace faultline {

struct SquareSetting {
  int queries = 5000;        ///< Windows tried per sample.
  double first_share = 0.8;  ///< Share of the area that the first windows cover; it halves nine times.
  Variant variant = Variant::kOwn;

  [[nodiscard]] Reach reach() const { return variant == Variant::kOwn ? Reach::kEverywhere : Reach::kPublished; }
};

/// Costs queries + 1 forwards per row; as published one more. L1, L2 and Linf.
[[nodiscard]] AttackResult square_search(ScoreTarget& target, const Batch& batch, const ThreatModel& threat,
                                         const SquareSetting& setting, const Rng& rng);

/// The best point of a short search of one's own: where a gradient attack can begin. Its numbers depend on `restart`.
/// [N, ...] inside the threat model; costs queries + 1 forwards a row, less where it breaks one.
[[nodiscard]] Tensor searched_start(ScoreTarget& target, const Batch& batch, const ThreatModel& threat, int queries,
                                    const Rng& rng, int restart);

}  // namespace faultline
