// A nightly run as GitHub Actions shows it: annotations at the plan's lines. Its summary is nightly_markdown().
//
//   std::fputs(github_annotations(summary).c_str(), stderr);
#pragma once

#include <string>

#include "faultline/nightly/nightly_summary.h"

namespace faultline {

/// Workflow commands, one per line, the gravest first: an error for each gate that fails and each stage that did not
/// finish, a warning for each other gate that was not kept. GitHub shows ten of each per step: of more, nine and a line
/// that counts the rest.
[[nodiscard]] std::string github_annotations(const NightlySummary& summary);

}  // namespace faultline
