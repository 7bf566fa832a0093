// The vocabulary of attacks: what one returns and what is known about it. An attack itself is a free function
//
//   AttackResult pgd(Target&, const Batch&, const ThreatModel&, const PgdOptions&, const Rng&);
//
// that works on rows which are right on the clean input. It does not print, count, seed, choose a device or judge
// success beyond the logits it already has.
#pragma once

#include <string>
#include <vector>

#include "faultline/core/norm.h"
#include "faultline/core/recipe.h"
#include "faultline/core/tensor.h"

namespace faultline {

struct AttackResult {
  Tensor candidates;              ///< [N, ...] float32: the best point per row, inside the threat model.
  Tensor claimed;                 ///< [N] bool: the attack saw margin < -tau there. The verifier decides.
  std::vector<Recipe> recipes{};  ///< N, of a search over transforms: what each candidate was rendered by; else none.
};

/// Fixed budget: looks for any point inside epsilon. Minimum norm: looks for the nearest failing point. Transforms:
/// looks among what mutators make of the input; no norm bounds the change.
enum class AttackKind { kFixedBudget, kMinimumNorm, kTransforms };

/// What an attack must be able to ask the model, weakest first.
enum class Knowledge { kDecisions, kScores, kGradients };

struct AttackInfo {
  std::string name{};
  AttackKind kind = AttackKind::kFixedBudget;
  std::vector<Norm> norms{};
  bool targeted = true;      ///< Whether it can aim at a given class.
  bool takes_starts = true;  ///< Whether it begins where the batch says; else at the clean inputs or where it likes.
  std::string paper{};       ///< arXiv id or reference.
  std::string summary{};     ///< One line for `faultline list`.
  std::string cost{};        ///< With default options in Linf, of a sample that withstands it: "101 F + 100 B".
};

}  // namespace faultline
