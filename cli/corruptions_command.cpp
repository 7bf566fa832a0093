#include <CLI/CLI.hpp>

#include <algorithm>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/progress.h"
#include "faultline/cli/session.h"
#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/eval/corruption_summary.h"
#include "faultline/eval/document.h"
#include "faultline/eval/evidence.h"
#include "faultline/eval/run_directory.h"
#include "faultline/report/heatmap.h"

namespace faultline {

namespace {

struct CorruptionFlags {
  ModelFlags model{};
  DataFlags data{};
  std::string profile = "cifar10-c";
  std::string stored{};
  std::string baseline{};
  std::string fail_under{};
  RunFlags run{};
};

/// What a finished measurement is reported with.
struct Finished {
  const CorruptionProfile& profile;
  const Session& session;
  const CorruptionFlags& flags;
  const StoredCorruptions* stored = nullptr;
  CorruptionResult result{};
  std::optional<CorruptionBaseline> baseline{};
  std::optional<double> fail_under{};
  std::vector<Warning> warnings{};

  [[nodiscard]] double mean_accuracy() const { return 1 - result.mean_corruption_error(); }
  [[nodiscard]] bool passed() const { return !fail_under || mean_accuracy() >= *fail_under; }
};

std::optional<double> parse_share(const std::string& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  const double share = parse_number(text, "--fail-under");
  if (share < 0 || share > 1) {
    throw Error{ErrorCode::kUsage, "--fail-under: expected a mean accuracy from 0 to 1, got '" + text + "'"};
  }
  return share;
}

std::vector<Warning> warnings_of(const CorruptionProfile& profile, const CorruptionResult& result,
                                 const std::vector<std::int64_t>& shape) {
  std::vector<Warning> warnings;
  const std::int64_t side = std::min(shape[1], shape[2]);
  if (side * 2 <= profile.side || side >= 2 * profile.side) {
    warnings.push_back({"profile", "profile " + profile.name + " was published for images of about " +
                                       std::to_string(profile.side) + " pixels, these have " + std::to_string(side) +
                                       ": figures do not compare with published ones"});
  }
  std::int64_t not_finite = 0;
  for (const CorruptionRow& row : result.rows) {
    for (const CorruptionCell& cell : row.cells) {
      not_finite += cell.not_finite;
    }
  }
  if (not_finite > 0) {
    warnings.push_back({"not-finite", std::to_string(not_finite) +
                                          " outputs on corrupted samples are not finite; they count as wrong"});
  }
  return warnings;
}

Json document_of(const Finished& run) {
  Json json{{"schema", "faultline.corruptions/1"}, {"faultline", version()}};
  json["model"] = model_fields(run.session.model_plan);
  json["data"] = data_fields(run.session.data_plan);
  json["seed"] = run.flags.run.seed;
  json["seconds"] = run.result.seconds;
  json.update(corruption_json(run.profile, run.result, run.stored));
  if (run.baseline) {
    const CorruptionRatio ratio = compared(run.result, *run.baseline);
    json["baseline"] = {{"path", run.baseline->path},
                        {"mean_corruption_error", ratio.mean_corruption_error},
                        {"relative_error", ratio.relative_error ? Json(*ratio.relative_error) : Json(nullptr)}};
  }
  json["fail_under"] = run.fail_under ? Json(*run.fail_under) : Json(nullptr);
  json["passed"] = run.passed();
  json["warnings"] = warnings_json(run.warnings);
  return json;
}

std::string percent_of(double share) { return three_digits(100 * share); }

/// "cifar10-c", or where its images are from.
std::string images_text(const Finished& run) {
  return run.profile.name + (run.stored == nullptr ? "" : ", images of " + run.stored->source);
}

Heatmap heatmap_of(const Finished& run) {
  Heatmap map{.title = "Accuracy under corruptions, in percent",
              .subtitle = run.session.model_plan.path + ", " + images_text(run) + ", " +
                          std::to_string(run.result.clean.samples) + " samples, clean " +
                          percent_of(run.result.clean.accuracy().value) + " %, mean " +
                          percent_of(run.mean_accuracy()) + " %",
              .column_title = "severity",
              .columns = {"1", "2", "3", "4", "5", "mean"}};
  bool extra_before = false;
  for (const CorruptionRow& row : run.result.rows) {
    HeatmapRow cells{.name = row.corruption.name, .apart = row.corruption.extra && !extra_before};
    for (const CorruptionCell& cell : row.cells) {
      cells.values.push_back(cell.accuracy().value);
    }
    cells.values.push_back(1 - row.mean_error());
    map.rows.push_back(std::move(cells));
    extra_before = row.corruption.extra;
  }
  return map;
}

/// Accuracies in percent, the worst corruption first.
std::string table_of(const CorruptionResult& result) {
  std::vector<const CorruptionRow*> rows;
  for (const CorruptionRow& row : result.rows) {
    rows.push_back(&row);
  }
  std::ranges::stable_sort(rows, std::greater{}, [](const CorruptionRow* row) { return row->mean_error(); });
  std::vector<std::vector<std::string>> cells{{"corruption", "1", "2", "3", "4", "5", "mean"}};
  for (const CorruptionRow* row : rows) {
    std::vector<std::string>& line = cells.emplace_back();
    line.push_back(row->corruption.name + (row->corruption.extra ? " *" : ""));
    for (const CorruptionCell& cell : row->cells) {
      line.push_back(percent_of(cell.accuracy().value));
    }
    line.push_back(percent_of(1 - row->mean_error()));
  }
  return table(cells);
}

bool extra(const CorruptionResult& result) {
  return std::ranges::any_of(result.rows, [](const CorruptionRow& row) { return row.corruption.extra; });
}

void print_result(const Finished& run) {
  const CorruptionResult& result = run.result;
  print(bold("model   ") + run.session.model_plan.path + "\n" + bold("data    ") + run.session.data_plan.source + ", " +
        std::to_string(result.clean.samples) + " samples\n" + bold("profile ") + images_text(run) +
        (run.stored == nullptr ? ", seed " + std::to_string(run.flags.run.seed) : std::string()) + "\n\n");
  print("accuracy in percent by severity, the worst first\n" + table_of(result) +
        (extra(result) ? "  * for validation, in no mean\n\n" : "\n"));
  const WorstCell worst = worst_cell(result);
  const CorruptionRow& row = result.rows.at(worst.row);
  print("clean accuracy       " + percent(result.clean.accuracy()) + "\nmean accuracy        " +
        percent_of(run.mean_accuracy()) + " % (mean corruption error " + percent_of(result.mean_corruption_error()) +
        " %)\nworst cell           " + row.corruption.name + " at severity " + std::to_string(worst.severity) + ", " +
        percent(row.cells.at(static_cast<std::size_t>(worst.severity - 1)).accuracy()) + "\n");
  std::string calibration = percent_of(result.clean.calibration.error()) + " % clean";
  for (int severity = 1; severity <= kSeverities; ++severity) {
    calibration += ", " + percent_of(result.mean_calibration_error(severity));
  }
  print("calibration error    " + calibration + " % at severities 1 to 5\n");
  if (run.baseline) {
    const CorruptionRatio ratio = compared(result, *run.baseline);
    print("against the baseline " + three_digits(ratio.mean_corruption_error) + " times its errors" +
          (ratio.relative_error ? ", " + three_digits(*ratio.relative_error) + " times what it loses against clean"
                                : std::string()) +
          "\n");
  }
  if (run.fail_under) {
    print("\n" + bold(run.passed() ? "PASSED" : "FAILED") + ": mean accuracy " + percent_of(run.mean_accuracy()) +
          " %, --fail-under " + percent_of(*run.fail_under) + " %\n");
  }
}

std::unique_ptr<RunDirectory> make_directory(const CorruptionFlags& flags, const CorruptionProfile& profile,
                                             const StoredCorruptions* stored, const Session& session) {
  if (flags.run.out.empty()) {
    return nullptr;
  }
  const Json plan{{"command", "corruptions"},
                  {"model", session.model_plan.sha256},
                  {"data", session.data_plan.sha256},
                  {"offset", session.data_plan.offset},
                  {"samples", session.data_plan.samples},
                  {"profile", profile.name},
                  {"stored", stored == nullptr ? Json(nullptr) : Json(stored->sha256)},
                  {"seed", flags.run.seed}};
  return std::make_unique<RunDirectory>(RunDirectory::create(
      flags.run.out, {{"schema", "faultline.run/1"}, {"plan", plan}, {"evidence", evidence_json()}}));
}

CorruptionResult measure(const CorruptionFlags& flags, const CorruptionProfile& profile,
                         const StoredCorruptions* stored, const Session& session, const CommandContext& context) {
  ProgressLine line("corruptions", "renderings");
  const CorruptionResult result = measure_corruptions(
      profile, {.data = *session.data,
                .mutators = context.registries.mutators,
                .stored = stored,
                .make_target = session.make_target,
                .stop = context.stop,
                .first = session.data_plan.offset,
                .count = session.data_plan.samples,
                .bounds = session.data_plan.options.bounds,
                .seed = flags.run.seed,
                .workers = worker_count(flags.run.workers),
                .batch = batch_size(flags.run, session.data->sample_shape(), session.data_plan.samples),
                .device = session.model->device(),
                .progress = [&](const Progress& progress) { line.update(progress); }});
  if (result.interrupted) {
    throw Error{ErrorCode::kInterrupted, "interrupted: nothing is reported of a measurement that is not whole"};
  }
  return result;
}

/// Throws Error (kUsage) when the data is a set of corrupted images.
void refuse_corrupted(const std::string& spec) {
  if (spec.starts_with("cifar10c:") || spec.starts_with("imagenetc:")) {
    throw Error{ErrorCode::kUsage, "--data " + spec +
                                       ": these images are corrupted already; give the clean ones with --data and "
                                       "these with --stored"};
  }
}

int corruptions(const CorruptionFlags& flags, const CommandContext& context) {
  CorruptionProfile profile = corruption_profile(flags.profile);
  refuse_corrupted(flags.data.spec);
  const std::optional<double> fail_under = parse_share(flags.fail_under);
  std::optional<CorruptionBaseline> baseline;
  if (!flags.baseline.empty()) {
    baseline = read_corruption_baseline(flags.baseline, profile);
  }
  const Session session = open_session(flags.model, flags.data, context.registries, context.stop);
  print_warnings(session.sanity.warnings);
  std::optional<StoredCorruptions> opened;
  if (!flags.stored.empty()) {
    opened = open_stored(flags.stored, profile, {*session.data, session.data_plan.offset, session.data_plan.samples},
                         context.registries.data, session.data_plan.options);
  }
  const StoredCorruptions* stored = opened ? &*opened : nullptr;
  const std::unique_ptr<RunDirectory> directory = make_directory(flags, profile, stored, session);
  Finished run{.profile = profile,
               .session = session,
               .flags = flags,
               .stored = stored,
               .result = measure(flags, profile, stored, session, context),
               .baseline = std::move(baseline),
               .fail_under = fail_under};
  const std::vector<Warning> found = warnings_of(profile, run.result, session.data->sample_shape());
  print_warnings(found);
  run.warnings = session.sanity.warnings;
  run.warnings.insert(run.warnings.end(), found.begin(), found.end());
  const std::string document = json_text(document_of(run));
  if (directory != nullptr) {
    directory->write("corruptions.svg", heatmap_svg(heatmap_of(run)));
    directory->write("summary.json", document);
  }
  if (flags.run.json) {
    print(document);
  } else {
    print_result(run);
    if (directory != nullptr) {
      print("written: " + directory->path().string() + " (corruptions.svg, summary.json, run.json)\n");
    }
  }
  return run.passed() ? 0 : 1;
}

}  // namespace

void add_corruptions_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<CorruptionFlags>();
  CLI::App* command = app.add_subcommand("corruptions", "accuracy under the common corruptions at severities 1 to 5");
  command->footer(
      "Examples:\n"
      "  faultline corruptions model.pt --data cifar10:DIR --profile cifar10-c\n"
      "  faultline corruptions model.pt --data images:DIR --profile imagenet-c --out run2 --baseline run1 --fail-under "
      "0.7\n\n"
      "Renders every sample under 15 corruptions (noise, blur, weather, compression) and 4 more for validation, in "
      "memory, and\n"
      "reports accuracy, mean corruption error and calibration. Profiles: imagenet-c, tiny-imagenet-c, cifar10-c.");
  add_model_flags(*command, flags->model);
  add_data_flags(*command, flags->data, /*required=*/true);
  command->add_option("--profile", flags->profile, "published parameters: imagenet-c, tiny-imagenet-c or cifar10-c")
      ->capture_default_str();
  command->add_option("--stored", flags->stored,
                      "measure published images instead of rendering: cifar10c:DIR or imagenetc:DIR, of the samples of "
                      "--data in their order");
  command->add_option("--baseline", flags->baseline, "run directory or summary.json of an earlier run to compare with");
  command->add_option("--fail-under", flags->fail_under,
                      "exit code 1 when the mean accuracy over the 15 corruptions is below this share, 0 to 1");
  add_seed_flag(*command, flags->run);
  add_workers_flag(*command, flags->run.workers);
  add_batch_flag(*command, flags->run.batch);
  command->add_option("--out", flags->run.out, "directory to write (new or empty): summary.json, corruptions.svg");
  command->add_flag("--json", flags->run.json, "print one JSON document on stdout");
  command->callback([flags, context] {
    context.check = [flags] {
      check_values(flags->model, flags->data);
      (void)corruption_profile(flags->profile);
      (void)parse_share(flags->fail_under);
    };
    context.chosen = [flags, context] { return corruptions(*flags, context); };
  });
}

}  // namespace faultline
