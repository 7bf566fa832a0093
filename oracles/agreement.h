// Oracles that compare two executions: two models, or one model asked twice.
#pragma once

#include "faultline/core/oracle.h"

namespace faultline {

struct DisagreementOptions {
  double gap = 0;  ///< Logits by which each model must prefer its own class.

  static void fields(auto& o, auto&& visit) {
    visit("gap", o.gap, AtLeast{0}, "logits by which each model prefers its own class to the other's prediction");
  }
};

/// Differential testing. Slack: of the two margins by which each model prefers the other's prediction the smaller where
/// they agree, else the larger, negative where both prefer their own; with the larger tau, and not less than the gap.
/// Precondition: there is another model with as many classes.
[[nodiscard]] Slack disagreement(const OracleCase& c, const DisagreementOptions& options);

struct ConsistencyOptions {
  double tolerance = 1e-4;  ///< Of the largest difference of a logit, relative to the largest logit or 1.

  static void fields(auto& o, auto&& visit) {
    visit("tolerance", o.tolerance, AtLeast{0}, "difference of a logit, relative to the largest logit or 1");
  }
};

/// The same input alone and among others. Slack: what is left of the tolerance; one forward per row.
[[nodiscard]] Slack consistency(const OracleCase& c, const ConsistencyOptions& options);

}  // namespace faultline
