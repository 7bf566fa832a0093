// Random noise: the attack that knows nothing.
#pragma once

#include "faultline/core/attack.h"
#include "faultline/core/batch.h"
#include "faultline/core/options.h"
#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/core/threat_model.h"

namespace faultline {

enum class NoiseKind { kUniform, kGaussian, kSaltAndPepper };

/// Repeated random draws inside the threat model; the best per row is kept. A baseline: a model that random noise
/// breaks as often as a gradient attack does hides its gradient.
struct NoiseOptions {
  NoiseKind kind = NoiseKind::kUniform;  ///< What is drawn.
  int draws = 100;                       ///< Draws per sample.
  double scale = 1;    ///< Gaussian: standard deviation, such that the expected L2 length is scale * epsilon
                       ///< (L2), or as a fraction of epsilon (Linf) or of epsilon / elements (L1).
  double share = 0.1;  ///< Salt and pepper: share of elements set to a bound (L0: floor(epsilon) of them).

  static void fields(auto& o, auto&& visit) {
    visit("kind", o.kind, OneOf{{"uniform", "gaussian", "salt-and-pepper"}}, "what is drawn");
    visit("draws", o.draws, AtLeast{1}, "draws per sample; the best is kept");
    visit("scale", o.scale, Positive{}, "gaussian: typical length of a draw / epsilon");
    visit("share", o.share, Between{0, 1}, "salt-and-pepper: share of the elements set to a bound");
  }
};

/// Costs one forward per row and draw.
[[nodiscard]] AttackResult noise(ScoreTarget& target, const Batch& batch, const ThreatModel& threat,
                                 const NoiseOptions& options, const Rng& rng);

}  // namespace faultline
