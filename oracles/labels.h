// Oracles about the predicted class.
#pragma once

#include "faultline/core/oracle.h"

namespace faultline {

/// Slack: the margin of the label, with tau.
[[nodiscard]] Slack misclassification(const OracleCase& c, const NoOptions& options);

/// Slack: the margin of the class predicted for the clean input, right or not: the label is the model's own; with tau.
/// Where the clean input was a tie there is no such class, and every output a near tie.
[[nodiscard]] Slack label_invariance(const OracleCase& c, const NoOptions& options);

struct ConfidenceOptions {
  double at_least = 0.9;  ///< Softmax probability of the prediction.

  static void fields(auto& o, auto&& visit) {
    visit("at-least", o.at_least, Between{0, 1}, "softmax probability of the wrong prediction");
  }
};

/// Wrong and sure of it. Slack: the larger of the label's margin and of what the logit of the prediction lacks for the
/// probability; with tau.
[[nodiscard]] Slack confidence(const OracleCase& c, const ConfidenceOptions& options);

}  // namespace faultline
