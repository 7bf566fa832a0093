// An ensemble of attacks on one chunk: the worst case per sample; a later attack sees survivors only.
#pragma once

#include <vector>

#include "faultline/core/registry.h"
#include "faultline/core/transform_space.h"
#include "faultline/eval/plan.h"
#include "faultline/eval/sample_row.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

/// What one attack cost on one chunk.
struct AttackCost {
  Meter meter{};
  double seconds = 0;
};

struct ChunkResult {
  std::vector<SampleRow> rows{};    ///< In order of the batch.
  Tensor clean{};                   ///< [N, ...] float32, the batch's inputs.
  Tensor witnesses{};               ///< [N, ...] float32: the witness of found rows, the clean input elsewhere.
  std::vector<AttackCost> costs{};  ///< One per attack.
};

/// The clean pass over a chunk: a row per sample, the target class of each, and who may be attacked.
struct CleanPass {
  std::vector<SampleRow> rows{};
  Tensor targets{};     ///< [N] int64, undefined when untargeted.
  Tensor attackable{};  ///< [M] int64: rows that are right, and whose label is not the target.
};

[[nodiscard]] CleanPass clean_pass(TargetStack& target, const Batch& batch, const Goal& goal, const Rng& rng);

/// Of the cross-entropy at the clean inputs, or with targets towards them: [N, ...] on the host.
[[nodiscard]] Tensor gradients_at(Target& target, const Batch& part, const ThreatModel& threat);

/// Runs one attack on the rows of a part of the batch and verifies what it claims.
struct Attempt {
  AttackResult result{};                  ///< Of those rows.
  std::vector<Outcome> outcomes{};        ///< M.
  std::vector<Verdict> verdicts{};        ///< M; of claimed rows only.
  std::vector<FailedOracle> oracles{};    ///< M, of attacks with oracles: which the candidate fails; else none.
  std::optional<TransformSpace> space{};  ///< Of a search over transforms: what its recipes lie in.
};
[[nodiscard]] Attempt attempt(TargetStack& target, const ConfiguredAttack& attack, const Batch& part,
                              const ThreatModel& threat, const Rng& rng, AttackCost& cost);

/// Makes the row of a sample a found one, by what `tried` shows in its place.
void mark_found(SampleRow& row, std::size_t attack, const Attempt& tried, std::size_t place);

/// Records what an attack came to on the rows numbered in `rows` ([M] int64); `distance`, if any, takes the place of
/// the verdicts' distances. Returns the rows that are left for others: [L] int64.
[[nodiscard]] Tensor settle(ChunkResult& result, const Tensor& rows, std::size_t attack, const Attempt& tried,
                            std::optional<double> distance);

/// The plan's `attack` on one chunk.
[[nodiscard]] ChunkResult attack_chunk(TargetStack& target, const Batch& batch, const Plan& plan,
                                       const std::vector<ConfiguredAttack>& attacks);

}  // namespace faultline
