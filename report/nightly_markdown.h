// A nightly run as Markdown: for a pull request's comment or a step's summary.
#pragma once

#include <string>

#include "faultline/nightly/nightly_summary.h"

namespace faultline {

/// Verdict, gates and measures in tables. Names from plan and files are shown as text, whatever is in them.
[[nodiscard]] std::string nightly_markdown(const NightlySummary& summary);

/// The text without what Markdown or HTML would take for markup, on one line.
[[nodiscard]] std::string markdown_text(const std::string& text);

}  // namespace faultline
