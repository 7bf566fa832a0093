// Failures with less in them: steps dropped and severities lowered while the failure holds.
// Delta debugging: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 28(2), 2002;
// here one step at a time, which for at most eight steps is as good.
#pragma once

#include <functional>
#include <vector>

#include "faultline/fuzz/failure_log.h"

namespace faultline {

struct MinimisedFailures {
  std::vector<FuzzFailure> failures{};  ///< As many as were given, in their order; each fails by the same oracle.
  std::int64_t evaluations = 0;
};

/// Tries for every failure: without one of its steps; a step moved half way to what changes least, with its key and
/// with two others. Takes the simplest that still fails by the same oracle, and goes on until none does, at most twelve
/// times. `stop` is asked before every forward, which `screen` makes.
[[nodiscard]] MinimisedFailures minimised(
    std::vector<FuzzFailure> failures, const RecipeSpace& space, const std::function<bool()>& stop,
    const std::function<std::vector<Screened>(const std::vector<FuzzInput>&)>& screen);

}  // namespace faultline
