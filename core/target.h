// The ladder of what an attack may know of a model: decisions, scores, or gradients.
// An attack states its knowledge by the type of its first parameter.
//
//   Linearization at_x = target.linearize(x);
//   Tensor gradient = at_x.pullback(cotangent);
#pragma once

#include <cstdint>
#include <functional>

#include "faultline/core/tensor.h"

namespace faultline {

/// A forward never has fewer rows than this: shorter batches are padded, so that a row's result does not depend on
/// how many others are in its batch. Measured with LibTorch 2.13: on AMD Zen 3 rows are bit-identical from 4 rows on,
/// on Intel Sapphire Rapids from 16 rows on (`faultline inspect` reports it for a model and machine).
constexpr std::int64_t kFloorBatch = 16;

/// A model at a batch of inputs: its logits and the way back from a cotangent on them.
struct Linearization {
  Tensor logits;  ///< [N, K], without graph.
  /// [N, K] -> [N, ...]: per sample, the gradient of <cotangent, logits> with respect to the inputs; one backward.
  /// May be called several times; the inputs must not be changed before the last call.
  std::function<Tensor(const Tensor& cotangent)> pullback;
};

/// Answers with a class only.
class DecisionTarget {
 public:
  DecisionTarget() = default;
  DecisionTarget(const DecisionTarget&) = delete;
  DecisionTarget& operator=(const DecisionTarget&) = delete;
  virtual ~DecisionTarget() = default;

  /// The predicted class per row: [N, ...] -> [N] int64.
  [[nodiscard]] virtual Tensor decide(const Tensor& inputs) = 0;
};

/// Answers with one score per class.
class ScoreTarget : public DecisionTarget {
 public:
  /// [N, ...] -> [N, K] float32; one forward.
  [[nodiscard]] virtual Tensor logits(const Tensor& inputs) = 0;
  [[nodiscard]] Tensor decide(const Tensor& inputs) override;
};

/// Gives gradients too.
class Target : public ScoreTarget {
 public:
  /// One forward; each pullback is one backward. Gradients are per sample, never divided by N.
  [[nodiscard]] virtual Linearization linearize(const Tensor& inputs) = 0;
};

}  // namespace faultline
