// A nightly run as one HTML page for a manager and an engineer: no script, no network, light and dark, prints.
//
//   const std::string page = html_report({.summary = summary, .header = run_json});
#pragma once

#include <string>
#include <vector>

#include "faultline/data/json.h"
#include "faultline/nightly/history.h"
#include "faultline/nightly/nightly_summary.h"

namespace faultline {

struct HtmlReport {
  const NightlySummary& summary;
  Json header{};                      ///< Of the run's run.json, whose evidence is shown.
  std::vector<HistoryRun> history{};  ///< In their order, this run the last; fewer than two: no trend.
};

/// The page, at most 5 MB: of pictures only as many as fit. Names from plan, model and files are shown as text whatever
/// is in them. Curves of one stage share a picture.
[[nodiscard]] std::string html_report(const HtmlReport& report);

/// The HTML template, report/templates/nightly.html, as it was built in.
[[nodiscard]] const std::string& html_template();

}  // namespace faultline
