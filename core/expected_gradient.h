// The gradient of a model that draws random numbers: the mean over several calls.
//
//   gradient = expected_gradient(target, points, {loss, labels, threat}, options.eot, std::move(gradient));
#pragma once

#include "faultline/core/loss.h"
#include "faultline/core/target.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// What is climbed.
struct Ascended {
  Loss loss = Loss::kMargin;
  const Tensor& labels;  ///< [N]
  const ThreatModel& threat;
};

/// Expectation over transformation, Athalye et al. 2018, arXiv:1707.07397: the mean of the gradients of `draws` calls
/// at points [N, ...], of which `first` [N, ...] is one. Costs draws - 1 forwards and backwards a row.
[[nodiscard]] Tensor expected_gradient(Target& target, const Tensor& points, const Ascended& ascended, int draws,
                                       Tensor first);

}  // namespace faultline
