// Findings that may end the process that runs them: process deaths, hangs, and cases of the input contract.
#pragma once

#include <string>

#include "faultline/corpus/finding.h"
#include "faultline/fuzz/outside_look.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

/// Whether findings of that oracle are run in processes of their own; no output is judged.
[[nodiscard]] bool is_run_outside(const std::string& oracle);

/// What such a finding does now.
struct OutsideVerdict {
  std::string why{};  ///< It cannot be run on this model; empty: it can.
  bool clean_fails = false;
  bool witness_fails = false;
};

/// Memory beyond the limit counts as a process death, except where a case of the contract asks for much of it.
[[nodiscard]] OutsideVerdict look_at_outside(const Finding& finding, TargetStack& target, c10::Device device,
                                             const ChildLimits& limits);

}  // namespace faultline
