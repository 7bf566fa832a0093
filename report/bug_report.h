// One finding as a bug report in Markdown, for an issue tracker, and as text for a terminal.
//
//   const std::string text = bug_report({.corpus = "corpus", .stored = stored, .picture = "1a2b.png"});
#pragma once

#include <string>
#include <vector>

#include "faultline/corpus/corpus.h"

namespace faultline {

struct BugReport {
  std::string corpus{};  ///< As the replay command names it.
  StoredFinding stored{};
  std::vector<std::pair<std::string, std::string>> states{};  ///< Line of models and state.
  std::string picture{};                                      ///< Name of a PNG beside the report; empty: none.
};

[[nodiscard]] std::string bug_report(const BugReport& report);

/// The same facts in aligned columns; no picture.
[[nodiscard]] std::string finding_text(const BugReport& report);

}  // namespace faultline
