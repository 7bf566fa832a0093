// An ensemble: attacks one after another, a later one on what the earlier ones left and, as far as it says so, only
// where that is worth its cost.
//
//   Tensor left = run_ensemble(target, attacks, batch, threat, costs, hooks);
#pragma once

#include <functional>
#include <vector>

#include "faultline/eval/attempt.h"

namespace faultline {

/// Who hears of the attacks of an ensemble, by their numbers; rows are those of the batch, [M] int64 on the host.
struct EnsembleHooks {
  std::function<Rng(std::size_t attack)> rng;
  std::function<void(std::size_t attack, const Tensor& rows, const Attempt& tried)> tried;
  /// Called with the rows that an attack leaves alone because they are out of its reach.
  std::function<void(const Tensor& rows)> passed_over;
};

/// Runs the attacks on the rows of the batch and adds to `costs` (one per attack). Where a later attack has a limit
/// ConfiguredAttack::within, the point that an attack came to is looked at, at two forwards (three where
/// the gradient does not keep its promise) and one backward a row that it did not break. The attack with the limit
/// leaves a row alone whose best point is farther from the boundary than so many epsilons if the model were linear; but
/// not where that is not to be believed: the gradient says nothing, or that no input at all is as far, or the last
/// attack came to a margin so different from those before that a further one may well go below zero, or a small step
/// along the gradient does not do a tenth of what it says. Decided per row, by ratios only. Returns the rows that none
/// of them broke: [L] int64.
[[nodiscard]] Tensor run_ensemble(TargetStack& target, const std::vector<ConfiguredAttack>& attacks, const Batch& batch,
                                  const ThreatModel& threat, std::vector<AttackCost>& costs,
                                  const EnsembleHooks& hooks);

}  // namespace faultline
