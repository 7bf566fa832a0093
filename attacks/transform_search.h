// The attack that needs no gradient and no norm: the worst of what mutators make of an input.
#pragma once

#include "faultline/core/attack.h"
#include "faultline/core/options.h"
#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/core/transform_task.h"

namespace faultline {

enum class TransformStrategy { kGrid, kRandom, kLocal };
enum class Keep { kWorst, kFirst };

/// Searches the parameters of transforms, and of those that draw random numbers the draws, for the lowest margin
/// (the slack, of other oracles than misclassification).
/// Grid: as many points per axis as the queries allow, at whole fractions of the unit where an interval is whole; the
/// mildest first. Random: independent points (the "worst-of-k" of Engstrom et al., "Exploring the Landscape of Spatial
/// Robustness", ICML 2019, arXiv:1712.02779; their grid search too, which we extend from rotation and translation to
/// any mutators). Local: a quarter of the queries at random, half of their values at the ends, then steps from the best
/// point so far whose length follows their success (the (1+1) evolution strategy with the one-fifth rule, Rechenberg
/// 1973), per sample.
struct TransformOptions {
  TransformStrategy search = TransformStrategy::kGrid;  ///< How parameters are chosen.
  int queries = 121;                                    ///< Renderings per sample at most.
  Keep keep = Keep::kWorst;                             ///< Whether a sample that fails, and not by a hair, is
                                                        ///< searched on.

  static void fields(auto& o, auto&& visit) {
    visit("search", o.search, OneOf{{"grid", "random", "local"}}, "how parameters are chosen");
    visit("queries", o.queries, Between{1, 1'000'000}, "renderings per sample at most, one forward each");
    visit("keep", o.keep, OneOf{{"worst", "first"}},
          "worst: spend all queries and keep the lowest margin; first: stop at the first failure");
  }
};

/// Costs one forward per row and query, and what the judge asks. Throws Error (kUsage) when a grid has more axes than
/// its queries allow two points each.
[[nodiscard]] AttackResult transform_search(ScoreTarget& target, const TransformTask& task,
                                            const TransformOptions& options, const Rng& rng);

}  // namespace faultline
