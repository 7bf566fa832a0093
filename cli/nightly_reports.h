// What a nightly run leaves for people and programs: files in its directory, lines on the terminal, annotations.
#pragma once

#include <string>

#include "faultline/nightly/history.h"
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

/// The flags, and what they name, read before anything is run.
struct ReportSetting {
  bool trend = false;
  History history{};
  bool github = false;
  std::string step_summary{};  ///< What GITHUB_STEP_SUMMARY names, absolute; empty: nothing.
  bool json = false;
};

/// Reads the earlier runs; those that are damaged are left out with a notice. Paths are relative to the current
/// directory. Throws Error (kUsage) when --history is no directory.
[[nodiscard]] ReportSetting report_setting(const NightlyReportFlags& flags);

/// Writes summary.json, junit.xml, report.md, report.html, metrics.prom and measures.csv, each whole or not at all, and
/// prints verdict and gates, or the document with --json. With --github, annotations go to stderr and report.md to the
/// file that GITHUB_STEP_SUMMARY names. Throws Error (kUsage) when a file of the
/// directory cannot be written.
void report_night(const NightlySummary& summary, const NightlyDirectory& directory, ReportSetting setting);

}  // namespace faultline
