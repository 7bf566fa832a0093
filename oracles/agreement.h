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
/// they agree, else the larger, negative where both prefer their own; with the larger tau, and not less than the gap;
/// of several other models the one that disagrees most. Precondition: there is one, and all have as many classes.
[[nodiscard]] Slack disagreement(const OracleCase& c, const DisagreementOptions& options);

/// What a row's outputs among others are compared with.
enum class Across { kBatch, kFloat64, kBfloat16, kCuda };

struct ConsistencyOptions {
  Across across = Across::kBatch;
  double tolerance = 1e-4;  ///< Of the largest difference of a logit, relative to the largest logit or 1.

  static void fields(auto& o, auto&& visit) {
    visit("across", o.across, OneOf{{"batch", "float64", "bfloat16", "cuda"}},
          "the row alone in its batch, or the model run in another precision or on another device");
    visit("tolerance", o.tolerance, AtLeast{0}, "difference of a logit, relative to the largest logit or 1");
  }

  void refine(OracleInfo& info) const;
};

/// The same input run in two ways: alone and among others (one forward per row), or on a twin of the model. Slack: what
/// is left of the tolerance.
[[nodiscard]] Slack consistency(const OracleCase& c, const ConsistencyOptions& options);

}  // namespace faultline
