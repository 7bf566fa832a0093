// What a model says at points: on one call, or on the mean of several where it draws random numbers.
//
//   Answer here(target, points, {loss, labels, threat}, {.calls = options.eot});
//   Tensor gradient = here.gradient();
#pragma once

#include "faultline/core/loss.h"
#include "faultline/core/target.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// What is climbed.
struct Climbed {
  Loss loss = Loss::kMargin;
  const Tensor& labels;  ///< [N]
  const ThreatModel& threat;
};

struct Question {
  int calls = 1;
  bool with_gradient = true;
};

/// Expectation over transformation, Athalye et al. 2018, arXiv:1707.07397: logits, losses and gradients are means over
/// the calls. Costs one forward a row for each call, and with the gradient one backward; of a single call only when the
/// gradient is asked for.
class Answer {
 public:
  /// Asks at points [N, ...]. What `climbed` refers to must outlive the answer.
  Answer(Target& target, const Tensor& points, const Climbed& climbed, const Question& question);

  [[nodiscard]] const Tensor& logits() const { return logits_; }  ///< [N, K]
  [[nodiscard]] const Tensor& losses() const { return losses_; }  ///< [N]

  /// Of the losses: [N, ...], the caller's own; entries that are not finite are 0. To be called once, where the
  /// question was with the gradient.
  [[nodiscard]] Tensor gradient();

 private:
  Linearization call_{};  // a single one, whose gradient waits
  Tensor cotangent_;      // of that
  Tensor logits_;
  Tensor losses_;
  Tensor gradient_;
};

}  // namespace faultline
