// Sanity checks: signs that a robustness number cannot be trusted, looked for on a few samples before and after a run.
// Carlini et al. 2019, arXiv:1902.06705; Athalye et al. 2018, arXiv:1802.00420; Pintor et al. 2021, arXiv:2106.09947.
//
//   SanityReport report = check_model(target, {first_right_samples, threat, registry, rng});
#pragma once

#include <string>
#include <vector>

#include "faultline/core/registry.h"
#include "faultline/eval/attempt.h"
#include "faultline/eval/model_check.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

struct SanityReport {
  std::vector<std::string> checks{};  ///< Those that were made, by name, fired or not.
  std::vector<Warning> warnings{};    ///< Those that fired.
  AttackCost cost{};                  ///< Of the propagations made for them alone.
};

/// Adds the checks of `more`.
void add(SanityReport& report, SanityReport more);

/// What checks are made on.
struct SanitySubject {
  const Batch& samples;  ///< Rows that the model gets right; at least one.
  const ThreatModel& threat;
  const AttackRegistry& attacks;  ///< Checks whose attack it lacks are left out.
  const Rng& rng;
};

/// Before a run with gradient attacks on a model whose calls agree: does cross-entropy have a gradient where the margin
/// has one, does the gradient say what a small step does, does noise change the margin in jumps, and does an
/// attack without limits find something everywhere? Costs about 100 forwards and 60 backwards a sample.
[[nodiscard]] SanityReport check_model(TargetStack& target, const SanitySubject& subject);

/// After a run, on rows that withstood `ensemble`: do weaker attacks break them, or the ensemble's first iterative
/// attack with twice the steps?
[[nodiscard]] SanityReport check_survivors(TargetStack& target, const SanitySubject& subject,
                                           const std::vector<ConfiguredAttack>& ensemble);

/// What is meant by a check, for the line that says that it passed: "two calls agree". Empty for names it does not
/// know.
[[nodiscard]] std::string meaning_of_check(const std::string& check);

}  // namespace faultline
