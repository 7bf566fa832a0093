// The sanity checks of `attack`: on the first samples before the run, on survivors after it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faultline/cli/session.h"

namespace faultline {

/// Looks at the first samples for signs that attacks of the plan's norm and epsilon will not tell the truth, and adds
/// what it found to the session. Nothing for models whose calls differ or that have no gradients, attacks without
/// gradients, transforms.
void check_before(Session& session, const Plan& plan, const std::vector<ConfiguredAttack>& attacks,
                  const AttackRegistry& registry);

/// Looks at what the run left, and whether the clean accuracy is the `expected` one, if there is one.
[[nodiscard]] SanityReport check_after(const Session& session, const Plan& plan,
                                       const std::vector<ConfiguredAttack>& attacks, const AttackRegistry& registry,
                                       std::optional<double> expected, const RunResult& result);

/// A line for each check that was made, PASS or WARN.
void print_checks(const Summary& summary);

}  // namespace faultline
