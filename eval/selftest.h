// The binarisation test: whether an ensemble finds adversarial examples that are known to exist.
// Zimmermann et al., "Increasing confidence in adversarial robustness evaluations", NeurIPS 2022, arXiv:2206.13991.
//
//   SelftestResult result = selftest(make_target, batch, threat, attacks, Rng(0));
#pragma once

#include <vector>

#include "faultline/core/registry.h"
#include "faultline/core/rng.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

/// What became of one sample.
enum class Planted {
  kFound,
  kMissed,
  kNone,  ///< No plane keeps the planted point apart from the points inside: the logits hardly move.
};

/// Turns the model into one of two classes in which all of 200 random points well inside the budget (0.95 of it) are of
/// one class and a random point at its edge is of the other, and asks the attacks for a point of the other class within
/// the budget. `sample` holds one row. Differs from the paper: the readout is a plane in the logits, along which the
/// planted point differs from the mean of the points inside, not a classifier trained on features, which a TorchScript
/// file does not show.
[[nodiscard]] Planted selftest_sample(const TargetFactory& make, const Batch& sample, const ThreatModel& threat,
                                      const std::vector<ConfiguredAttack>& attacks, const Rng& rng);

}  // namespace faultline
