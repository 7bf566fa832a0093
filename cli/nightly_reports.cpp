#include "faultline/cli/nightly_reports.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <CLI/CLI.hpp>

#include "faultline/cli/console.h"
#include "faultline/core/error.h"
#include "faultline/data/file.h"
#include "faultline/nightly/json_file.h"
#include "faultline/report/github_annotations.h"
#include "faultline/report/html_report.h"
#include "faultline/report/nightly_junit.h"
#include "faultline/report/nightly_markdown.h"
#include "faultline/report/nightly_metrics.h"

namespace faultline {

namespace {

void print_gates(const NightlySummary& summary) {
  std::string text = "\n";
  for (const GateResult& gate : summary.gates) {
    const bool passed = gate.outcome == GateResult::Outcome::kPassed;
    const std::string mark = passed ? "PASS" : fails(gate) ? "FAIL" : "WARN";
    text += "  " + (mark == "FAIL" ? bold(mark) : mark) + "  " + on_one_line(gate.gate->name) +
            (summary.plan.models.size() > 1 && gate.gate->model.empty() ? " [" + gate.model + "]" : "") + "\n        " +
            on_one_line(gate.reason) +
            (passed ? ""
                    : " (" + name_of(gate.outcome) + ", " + summary.plan.path.filename().string() + ":" +
                          std::to_string(gate.gate->line) + ")") +
            "\n";
  }
  print(text + "\n" + bold(verdict_of(summary)) + ": " + sentence_of(summary) + "\n");
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  write_file(path, std::array{std::as_bytes(std::span(text))});
}

/// What GitHub shows of a step. It must not change what the run ends with.
void tell_github(const NightlySummary& summary, const std::string& markdown, const std::string& file) {
  constexpr std::size_t kMostOfAStep = std::size_t{1} << 20;
  std::fputs(github_annotations(summary).c_str(), stderr);
  std::ofstream stream(file, std::ios::app);
  stream << (markdown.size() < kMostOfAStep ? markdown : "The report is too long for a step's summary.\n");
  if (file.empty() || !stream.flush()) {
    print_notice("--github: the file that GITHUB_STEP_SUMMARY names cannot be written; the step gets no summary");
  }
}

}  // namespace

void add_nightly_report_flags(CLI::App& app, NightlyReportFlags& flags) {
  app.add_option("--history", flags.history, "directory of earlier runs' --out directories: the report shows a trend");
  app.add_flag("--github", flags.github, "for GitHub Actions: annotations, and the step's summary");
  app.add_flag("--json", flags.json, "print one JSON document on stdout");
}

ReportSetting report_setting(const NightlyReportFlags& flags) {
  ReportSetting setting{.trend = !flags.history.empty(), .github = flags.github, .json = flags.json};
  if (setting.trend) {
    setting.history = read_history(flags.history);
    for (const std::string& name : setting.history.skipped) {
      print_notice("--history: " + name + " is left out: its summary.json is damaged or of another version");
    }
  }
  if (const char* const file = std::getenv("GITHUB_STEP_SUMMARY"); flags.github && file != nullptr && *file != '\0') {
    setting.step_summary = std::filesystem::absolute(file).string();
  }
  return setting;
}

void report_night(const NightlySummary& summary, const NightlyDirectory& directory, ReportSetting setting) {
  const std::filesystem::path& folder = directory.path();
  const std::string document = json_text(nightly_json(summary));
  const std::string markdown = nightly_markdown(summary);
  if (setting.trend) {
    add_to_history(setting.history, history_run(summary, folder));
  }
  write_text(directory.summary_file(), document);
  write_text(folder / "junit.xml", junit_xml(nightly_junit(summary)));
  write_text(folder / "report.md", markdown);
  write_text(folder / "metrics.prom", nightly_prometheus(summary));
  write_text(folder / "measures.csv", nightly_csv(summary));
  write_text(folder / "report.html", html_report({.summary = summary,
                                                  .header = read_json_file(folder / "run.json"),
                                                  .history = std::move(setting.history.runs)}));
  if (setting.json) {
    print(document);
  } else {
    print_gates(summary);
    print("written: " + folder.string() +
          " (report.html, report.md, junit.xml, metrics.prom, measures.csv, summary.json, stages/)\n");
  }
  if (setting.github) {
    tell_github(summary, markdown, setting.step_summary);
  }
}

}  // namespace faultline
