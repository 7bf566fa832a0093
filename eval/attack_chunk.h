// An ensemble of attacks on one chunk: the worst case per sample; a later attack sees survivors only.
#pragma once

#include <vector>

#include "faultline/eval/attempt.h"
#include "faultline/eval/plan.h"
#include "faultline/eval/sample_row.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

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

/// Makes the row of a sample a found one, by what `tried` shows in its place.
void mark_found(SampleRow& row, std::size_t attack, const Attempt& tried, std::size_t place);

/// Records what an attack came to on the rows numbered in `rows` ([M] int64); `distance`, if any, takes the place of
/// the verdicts' distances.
void settle(ChunkResult& result, const Tensor& rows, std::size_t attack, const Attempt& tried,
            std::optional<double> distance);

/// Records that an attack left these rows alone.
void pass_over(ChunkResult& result, const Tensor& rows);

/// The plan's `attack` on one chunk.
[[nodiscard]] ChunkResult attack_chunk(TargetStack& target, const Batch& batch, const Plan& plan,
                                       const std::vector<ConfiguredAttack>& attacks);

}  // namespace faultline
