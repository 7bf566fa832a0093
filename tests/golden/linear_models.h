// Linear models whose every distance is known in closed form, with samples far from the box.
#pragma once

#include <vector>

#include "faultline/core/batch.h"
#include "faultline/core/threat_model.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

/// A linear model, samples it gets right, and what is known about them.
struct LinearGolden {
  Tensor weight;  ///< [K, D]
  Tensor bias;    ///< [K]
  Batch batch;    ///< [N, 2, D / 2]
  Bounds bounds;  ///< So wide that no attack reaches it.

  [[nodiscard]] TargetFactory make() const;
  [[nodiscard]] Tensor logits() const;  ///< [N, K] float64.
};

/// Two classes with normal weights, D = 24.
[[nodiscard]] LinearGolden two_classes();

/// Five classes; class k is the sum, with signs, of a block of elements of its own. All pairs of classes are then
/// equally far apart, so that the runner-up of the logits is the nearest other class in every norm.
[[nodiscard]] LinearGolden five_blocks();

/// The distance to the nearest other class: min_j (z_y - z_j) / ||w_y - w_j||_dual, [N] float64.
[[nodiscard]] Tensor untargeted_distances(const LinearGolden& golden, Norm norm);

/// The Linf distance of five_blocks() to class t: every other block falls while block t rises,
/// max_j (z_j - z_t) / (||w_j||_1 + ||w_t||_1), [N] float64.
[[nodiscard]] Tensor targeted_linf_distances(const LinearGolden& golden, const Tensor& targets);

/// The class with the second largest logit, [N]: reaching it is as far as leaving the label.
[[nodiscard]] Tensor runners_up(const LinearGolden& golden);

}  // namespace faultline
