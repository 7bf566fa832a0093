#include <CLI/CLI.hpp>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/data/json.h"
#include "faultline/eval/evidence.h"
#include "faultline/nightly/comparison.h"

namespace faultline {

namespace {

struct CompareFlags {
  std::string first{};
  std::string second{};
  std::string margin = "0.02";
  bool fail_on_worse = false;
  bool json = false;
};

double share_of(const std::string& text, const std::string& name) {
  const double value = parse_number(text, name);
  if (!(value >= 0 && value <= 1)) {
    throw Error{ErrorCode::kUsage, name + ": expected a share in 0..1, got '" + text + "'"};
  }
  return value;
}

void print_comparison(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows{{"measure", "first", "second", "broken", "mended", "p", "verdict"}};
  for (const ComparedMeasure& compared : comparison.measures) {
    rows.push_back({(compared.stage.empty() ? "" : compared.stage + ": ") + compared.measure, percent(compared.first),
                    percent(compared.second), std::to_string(compared.counts.broken),
                    std::to_string(compared.counts.mended), three_digits(compared.p_adjusted),
                    name_of(compared.verdict)});
  }
  print(table(rows) + "\n" + bold(name_of(comparison.verdict)) +
        ": the second run against the first, on the same samples (exact McNemar test, p adjusted by Holm)\n");
}

int compare(const CompareFlags& flags) {
  const Comparison comparison = compare_runs(flags.first, flags.second, {.margin = share_of(flags.margin, "--margin")});
  if (flags.json) {
    Json json{{"schema", "faultline.compare/1"}, {"faultline", version()}};
    json["first"] = flags.first;
    json["second"] = flags.second;
    json.update(comparison_json(comparison));
    print(json_text(json));
  } else {
    print_comparison(comparison);
  }
  return flags.fail_on_worse && comparison.verdict == ComparisonVerdict::kWorse ? 1 : 0;
}

}  // namespace

void add_compare_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<CompareFlags>();
  CLI::App* command = app.add_subcommand("compare", "two runs on the same samples: better, worse, or no difference?");
  command->footer(
      "Examples:\n"
      "  faultline compare night1 night2\n"
      "  faultline compare out/old out/new --fail-on-worse --json\n\n"
      "Pairs the runs sample by sample. Both are directories of `run`, or both of `attack` or `curve`; runs of other "
      "data, attacks or\n"
      "limits are refused. No difference is shown where it is smaller than the margin for sure, and inconclusive where "
      "it might be\n"
      "larger, but cannot be told from chance.");
  command->add_option("RUN_A", flags->first, "directory of the first run")->required();
  command->add_option("RUN_B", flags->second, "directory of the second run")->required();
  command->add_option("--margin", flags->margin, "difference of accuracy that would matter, a share")
      ->capture_default_str();
  command->add_flag("--fail-on-worse", flags->fail_on_worse, "exit 1 when the second run is worse");
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags] { return compare(*flags); }; });
}

}  // namespace faultline
