// Oracles about scores: what a change of the input may do to them.
#pragma once

#include "faultline/core/oracle.h"

namespace faultline {

enum class Direction { kNotFall, kNotRise };

struct ScoreDirectionOptions {
  Direction must = Direction::kNotFall;  ///< What the probability must not do.
  int of = -1;                           ///< Whose probability: a class, or -1 for the clean prediction.
  double by = 0.1;                       ///< Changes up to this are allowed.

  static void fields(auto& o, auto&& visit) {
    visit("must", o.must, OneOf{{"not-fall", "not-rise"}}, "what the probability must not do");
    visit("of", o.of, AtLeast{-1}, "the class whose probability is meant; -1: the one predicted for the clean input");
    visit("by", o.by, Between{0, 1}, "changes of the probability up to this are allowed");
  }
};

/// The directional relation of Ribeiro et al., "Beyond Accuracy: Behavioral Testing of NLP Models with CheckList", ACL
/// 2020, arXiv:2005.04118, on softmax probabilities. Slack: what is left of the allowed change. Throws Error (kUsage)
/// when the model lacks the class.
[[nodiscard]] Slack score_direction(const OracleCase& c, const ScoreDirectionOptions& options);

struct TopKOptions {
  int k = 5;         ///< How many of the highest classes are compared.
  int at_least = 3;  ///< How many of them must be the same.

  static void fields(auto& o, auto&& visit) {
    visit("k", o.k, AtLeast{1}, "how many of the highest classes are compared");
    visit("at-least", o.at_least, AtLeast{1}, "how many of them must be the same as for the clean input");
  }
};

/// Slack: common classes - at-least + 1/2. A near tie where the k-th and the next logit differ by no more than tau, of
/// either. Throws Error (kUsage) when k is not below the number of classes, or at-least above k.
[[nodiscard]] Slack top_k_overlap(const OracleCase& c, const TopKOptions& options);

}  // namespace faultline
