#include <CLI/CLI.hpp>

#include "faultline/cli/commands.h"
#include "faultline/cli/nightly_reports.h"
#include "faultline/core/error.h"
#include "faultline/data/file.h"
#include "faultline/nightly/json_file.h"

namespace faultline {

namespace {

struct ReportFlags {
  std::string run{};
  NightlyReportFlags report{};
};

/// When the run ended, as far as its last summary tells; this command mends a damaged one.
std::string end_of(const NightlyDirectory& directory) {
  try {
    return read_json_file(directory.summary_file()).at("ended").get<std::string>();
  } catch (const std::exception&) {
    return "";
  }
}

int report(const ReportFlags& flags) {
  const NightlyDirectory directory(flags.run);
  ReportSetting setting = report_setting(flags.report);
  const PlanFile plan = directory.plan();
  NightlySummary summary = summarise(
      plan, directory.stages(plan),
      std::filesystem::exists(directory.baseline_file()) ? read_baseline(directory.baseline_file()) : Baseline{});
  summary.begun = directory.identity().value("begun", "");
  summary.ended = end_of(directory);
  try {
    report_night(summary, directory, std::move(setting));
  } catch (const nlohmann::json::exception&) {
    refuse((directory.path() / "stages").string(),
           "a document in it is damaged, or of another version of this program");
  }
  return 0;
}

}  // namespace

void add_report_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<ReportFlags>();
  CLI::App* command = app.add_subcommand("report", "a nightly run's reports, made again from its directory");
  command->footer(
      "Examples:\n"
      "  faultline report night1\n"
      "  faultline report nights/2026-11-26 --history nights\n\n"
      "Reads the stages that have ended, judges the plan's gates once more against the baseline that the run had, and "
      "writes report.html,\n"
      "report.md, junit.xml, metrics.prom, measures.csv and summary.json again; nothing is measured. Exit code 0 "
      "whatever the verdict.");
  command->add_option("RUN", flags->run, "directory of a `faultline run`")->required();
  add_nightly_report_flags(*command, flags->report);
  command->callback([flags, context] { context.chosen = [flags] { return report(*flags); }; });
}

}  // namespace faultline
