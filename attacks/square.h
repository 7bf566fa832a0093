// Random search by windows, without gradients.
#pragma once

#include "faultline/attacks/variant.h"
#include "faultline/core/attack.h"
#include "faultline/core/batch.h"
#include "faultline/core/options.h"
#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// The Square Attack: changes a random window of the input, ever smaller ones, and keeps what lowers the margin.
/// Andriushchenko et al., "Square Attack: a query-efficient black-box adversarial attack via random search", ECCV 2020,
/// arXiv:1912.00049; in L1 Croce & Hein 2021, arXiv:2103.01208.
/// Differs from the papers: windows and signs are drawn per sample; inputs that are no squares get windows of the same
/// area, and flat ones stretches of a line; the margin is the loss with a target too. Own variant: windows reach the
/// last row and column, and the schedule is scaled to the number of queries, as in the paper; published: neither, as in
/// AutoAttack, and one forward more at the result.
struct SquareOptions {
  int queries = 5000;        ///< Windows tried per sample.
  double first_share = 0.8;  ///< Share of the area that the first windows cover; it halves nine times.
  Variant variant = Variant::kOwn;

  static void fields(auto& o, auto&& visit) {
    visit("queries", o.queries, AtLeast{1}, "windows tried per sample");
    visit("first-share", o.first_share, Between{0, 1}, "share of the area of the first windows");
    visit("variant", o.variant, OneOf{{"own", "published"}}, "ours, or AutoAttack's to the letter");
  }
};

/// Costs queries + 1 forwards per row; as published one more.
[[nodiscard]] AttackResult square(ScoreTarget& target, const Batch& batch, const ThreatModel& threat,
                                  const SquareOptions& options, const Rng& rng);

}  // namespace faultline
