// The distance of every sample of a chunk, by bisection on epsilon with a fixed-budget attack.
#pragma once

#include <vector>

#include "faultline/eval/attack_chunk.h"

namespace faultline {

/// Where bisection starts: the epsilons 1, 2 and 5 times a power of ten over three decades up to `epsilon_max`, which
/// is one of them, and the values of `at`; rising, without repeats.
[[nodiscard]] std::vector<double> epsilon_ladder(double epsilon_max, const std::vector<double>& at);

/// The plan's `curve` on one chunk. Every sample is first placed between two neighbours of the ladder (or below or
/// above all) by binary search, then its bracket is halved until a failed probe lies within the tolerance below the
/// witness. Each probe is the ensemble at one epsilon per sample, all samples in one batch: from scratch on the ladder,
/// from the nearest witness inside a bracket, where the ladder's failure is asked again before it is believed. A
/// witness at distance d settles every epsilon >= d; a failed probe settles every smaller epsilon for this attack. The
/// schedule of a sample depends on its own outcomes only. The row's verdict is the nearest witness; `attempts` lists
/// its probes in order.
[[nodiscard]] ChunkResult curve_chunk(TargetStack& target, const Batch& batch, const Plan& plan,
                                      const std::vector<ConfiguredAttack>& attacks);

}  // namespace faultline
