// One attack on some rows, metered and verified.
//
//   const Attempt tried = attempt(target, attack, part, threat, rng, cost);   // tried.outcomes[row]
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "faultline/core/registry.h"
#include "faultline/core/transform_space.h"
#include "faultline/core/verifier.h"
#include "faultline/eval/sample_row.h"
#include "faultline/targets/metered.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

/// What an attack cost on one chunk.
struct AttackCost {
  Meter meter{};
  double seconds = 0;
};

/// Calls ask(metered target) and adds what it cost.
template <typename Ask>
void run_metered(Target& target, AttackCost& cost, const Ask& ask) {
  const auto begin = std::chrono::steady_clock::now();
  MeteredTarget metered(target);
  ask(metered);
  cost.meter.forwards += metered.meter().forwards;
  cost.meter.backwards += metered.meter().backwards;
  cost.meter.not_finite += metered.meter().not_finite;
  cost.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Row numbers as a tensor [M] int64 on the host.
[[nodiscard]] Tensor as_rows(const std::vector<std::int64_t>& rows);

/// Of the cross-entropy at the clean inputs, or with targets towards them: [N, ...] on the host.
[[nodiscard]] Tensor gradients_at(Target& target, const Batch& part, const ThreatModel& threat);

/// What came of it.
struct Attempt {
  AttackResult result{};                  ///< Of those rows.
  std::vector<Outcome> outcomes{};        ///< M.
  std::vector<Verdict> verdicts{};        ///< M; of claimed rows only.
  std::vector<FailedOracle> oracles{};    ///< M, of attacks with oracles: which the candidate fails; else none.
  std::optional<TransformSpace> space{};  ///< Of a search over transforms: what its recipes lie in.
};

/// Runs one attack on the rows of a part of the batch and verifies what it claims.
[[nodiscard]] Attempt attempt(TargetStack& target, const ConfiguredAttack& attack, const Batch& part,
                              const ThreatModel& threat, const Rng& rng, AttackCost& cost);

/// Those of `rows` ([M] int64), which the attempt was made on, that it did not break: [L] int64.
[[nodiscard]] Tensor rows_left(const Tensor& rows, const Attempt& tried);

}  // namespace faultline
