// A plug-in outside the tree: an attack of its own, and with it the whole command line.
#include <cstdint>

#include "faultline/cli/run.h"
#include "faultline/core/attack.h"
#include "faultline/core/batch.h"
#include "faultline/core/margin.h"
#include "faultline/core/options.h"
#include "faultline/core/projection.h"
#include "faultline/core/registry.h"
#include "faultline/core/rng.h"
#include "faultline/core/target.h"
#include "faultline/core/threat_model.h"

namespace {

struct FlipOptions {
  int draws = 1;  ///< Random corners tried per sample.
  static void fields(auto& o, auto&& visit) {
    visit("draws", o.draws, faultline::AtLeast{1}, "random corners tried per sample");
  }
};

/// Tries random corners of the box around each sample and keeps the last one that fails.
faultline::AttackResult flip(faultline::ScoreTarget& target, const faultline::Batch& batch,
                             const faultline::ThreatModel& threat, const FlipOptions& options,
                             const faultline::Rng& rng) {
  const faultline::FeasibleSet feasible(batch.inputs, threat);
  const faultline::Tensor reach = faultline::broadcast_rows(threat.epsilon, batch.inputs);
  faultline::AttackResult result{batch.inputs.clone(),
                                 at::zeros({batch.size()}, batch.labels.options().dtype(at::kBool))};
  for (int draw = 0; draw < options.draws; ++draw) {
    const faultline::Draw place{.restart = static_cast<std::uint32_t>(draw)};
    faultline::Tensor points =
        batch.inputs + reach * (rng.uniform(batch.ids, batch.inputs.sizes(), place) - 0.5).sign();
    feasible.project_(points);
    const faultline::Tensor logits = target.logits(points);
    const faultline::Tensor found = goal_margin(logits, batch.labels, threat) < -faultline::tau(logits);
    result.candidates = at::where(faultline::broadcast_rows(found, points).to(at::kBool), points, result.candidates);
    result.claimed = result.claimed.logical_or(found);
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  faultline::Registries registries;
  faultline::register_builtin(registries);
  registries.attacks.add<&flip>(
      {.name = "flip", .norms = {faultline::Norm::kLinf}, .summary = "random corners of the box"});
  return faultline::run(argc, argv, registries);
}
