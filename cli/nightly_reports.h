// What a nightly run leaves for people and programs: files in its directory, lines on the terminal, annotations.
#pragma once

#include <string>

#include "faultline/nightly/nightly_directory.h"
#include "faultline/nightly/nightly_summary.h"

namespace CLI {
class App;
}

namespace faultline {

struct NightlyReportFlags {
  std::string history{};
  bool github = false;
  bool json = false;
};

void add_nightly_report_flags(CLI::App& app, NightlyReportFlags& flags);

/// Writes summary.json, junit.xml, report.md, report.html, metrics.prom and measures.csv, each whole or not at all, and
/// prints verdict and gates, or the document with --json. With --github, annotations go to stderr and report.md to the
/// file that GITHUB_STEP_SUMMARY names. Throws Error (kUsage) when something cannot be written.
void report_night(const NightlySummary& summary, const NightlyDirectory& directory, const NightlyReportFlags& flags);

}  // namespace faultline
