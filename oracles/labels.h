// Oracles about the predicted class.
#pragma once

#include "faultline/core/oracle.h"

namespace faultline {

/// Slack: the margin of the label, with tau.
[[nodiscard]] Slack misclassification(const OracleCase& c, const NoOptions& options);

/// Whose prediction for the clean input must stay.
enum class CleanLabel { kModel, kVote };

struct LabelInvarianceOptions {
  CleanLabel from = CleanLabel::kModel;  ///< The model's own, or that of most models.

  static void fields(auto& o, auto&& visit) {
    visit("from", o.from, OneOf{{"model", "vote"}},
          "whose prediction for the clean input must stay: the model's own, or what more than half of it and the "
          "models of --against say, where that is the model's own");
  }

  void refine(OracleInfo& info) const;
};

/// Slack: the margin of the class predicted for the clean input, right or not: the label is the model's own; with tau.
/// Where the clean input was a tie, or the vote came to no class or to another one, every output is a near tie.
[[nodiscard]] Slack label_invariance(const OracleCase& c, const LabelInvarianceOptions& options);

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
