// The binarisation test: whether an ensemble finds adversarial examples that are known to exist.
// Zimmermann et al., "Increasing confidence in adversarial robustness evaluations", NeurIPS 2022, arXiv:2206.13991.
//
//   SelftestResult result = selftest_sample(make_target, sample, threat, attacks, Rng(0));
#pragma once

#include <vector>

#include "faultline/core/registry.h"
#include "faultline/core/rng.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

/// What became of one sample.
struct SelftestResult {
  enum class Planted {
    kFound,
    kMissed,
    kNone,  ///< No plane keeps the planted point apart from the points inside: the logits hardly move.
  };
  Planted planted = Planted::kNone;
  bool found_at_random = false;  ///< Whether one of 200 random points at the edge was enough.
};

/// Turns the model into one of two classes in which the sample, 200 random points inside 0.95 of the budget and 200 at
/// its edge are of one class, and a point at the edge of the whole budget is of the other, and asks the attacks for one
/// of the other class within the budget. `sample` holds one row. As in the paper random points are tried too:
/// where they are enough, finding the planted class says little of the attacks. Differs from the paper: the readout is
/// a plane in the logits, along which the planted point differs from the mean of the points inside, not a classifier
/// trained on features, which a TorchScript file does not show; and of 200 points at the edge the one whose logits are
/// farthest from that mean is planted, or random points would nearly always be enough.
[[nodiscard]] SelftestResult selftest_sample(const TargetFactory& make, const Batch& sample, const ThreatModel& threat,
                                             const std::vector<ConfiguredAttack>& attacks, const Rng& rng);

}  // namespace faultline
