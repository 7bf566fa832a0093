#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <set>

#include "faultline/cli/console.h"
#include "faultline/cli/corpus_flags.h"
#include "faultline/cli/corpus_subcommands.h"
#include "faultline/cli/recipe_data.h"
#include "faultline/core/error.h"
#include "faultline/data/array.h"
#include "faultline/data/json.h"
#include "faultline/data/npy.h"
#include "faultline/report/bug_report.h"
#include "faultline/report/png_triptych.h"

namespace faultline {

namespace {

struct ShowFlags {
  std::string corpus{};
  std::string id{};
  std::string png{};
  DataFlags data{};
  bool json = false;
};

struct ExportFlags {
  std::string corpus{};
  FilterFlags filter{};
  DataFlags data{};
  std::string format{};
  std::string out{};
};

/// The state on every line where there is one.
std::vector<std::pair<std::string, std::string>> states_of(const std::vector<ParsedEvents>& events,
                                                           const StoredFinding& stored) {
  std::set<std::string> lines = lines_of(events);
  for (const Discovery& discovery : stored.discoveries) {
    lines.insert(discovery.line);
  }
  std::vector<std::pair<std::string, std::string>> states;
  for (const std::string& line : lines) {
    const States on_line(events, line);
    if (const LineState* state = on_line.of(stored.finding.id)) {
      std::string text = name_of(state->event.state) + " since " + state->date;
      if (!state->event.until.empty()) {
        text += ", accepted until " + state->event.until + ": " + state->event.reason;
      }
      states.emplace_back(line, text);
    } else if (std::ranges::find(stored.discoveries, line, &Discovery::line) != stored.discoveries.end()) {
      states.emplace_back(line, "open");
    }
  }
  return states;
}

StoredFinding load_whole(const Corpus& corpus, const std::string& id, const RecipeData& data) {
  std::optional<StoredFinding> stored = corpus.load(id, warn_of_damage());
  if (!stored) {
    throw Error{ErrorCode::kUsage, corpus.folder_of(id).string() + ": is not finished: it has no entry.json"};
  }
  if (const std::string why = data.complete(*stored); !why.empty()) {
    print_warnings({{"recipe", "finding " + short_id(id) + ": " + why}});
  }
  return std::move(*stored);
}

bool is_picture(const Failure& failure) {
  return failure.shape.size() == 3 && (failure.shape[0] == 1 || failure.shape[0] == 3);
}

void write_picture(const std::filesystem::path& path, const Finding& finding) {
  if (!finding.has_tensors()) {
    throw Error{ErrorCode::kUsage, "finding " + short_id(finding.id) + " has no witness to show"};
  }
  if (!is_picture(finding.failure)) {
    throw Error{ErrorCode::kUsage, "finding " + short_id(finding.id) + " has the shape " +
                                       shape_text(finding.failure.shape) +
                                       ", which is no picture; expected [1, H, W] or [3, H, W]"};
  }
  write_png_triptych(path, finding.clean, finding.witness, finding.failure.bounds);
}

/// Makes a folder, or takes an empty one.
void make_empty_folder(const std::string& path) {
  std::error_code status;
  std::filesystem::create_directories(path, status);
  if (status || !std::filesystem::is_directory(path)) {
    throw Error{ErrorCode::kUsage,
                "--out: cannot make the folder '" + path + "'" + (status ? ": " + status.message() : "")};
  }
  if (!std::filesystem::is_empty(path, status)) {
    throw Error{ErrorCode::kUsage, "--out: will not write into '" + path + "': it is not empty; choose another folder"};
  }
}

int show(const ShowFlags& flags, const CommandContext& context) {
  const Corpus corpus = Corpus::open(flags.corpus);
  const RecipeData data(flags.data, context.registries);
  const BugReport report{.corpus = flags.corpus, .stored = load_whole(corpus, corpus.find(flags.id), data)};
  const auto states = states_of(corpus.events(warn_of_damage()), report.stored);
  if (!flags.png.empty()) {
    write_picture(flags.png, report.stored.finding);
  }
  if (flags.json) {
    Json json{{"schema", "faultline.corpus.show/1"}, {"id", report.stored.finding.id}};
    json["folder"] = corpus.folder_of(report.stored.finding.id).string();
    json["entry"] = parse_json(entry_bytes(report.stored.finding.failure));
    json["discoveries"] = Json::array();
    for (const Discovery& discovery : report.stored.discoveries) {
      json["discoveries"].push_back(parse_json(discovery_bytes(discovery)));
    }
    json["states"] = Json::object();
    for (const auto& [line, state] : states) {
      json["states"][line] = state;
    }
    print(json_text(json));
    return 0;
  }
  BugReport text = report;
  text.states = states;
  print(finding_text(text));
  return 0;
}

/// Findings whose witness can be read, of those that are selected; the others are named in warnings.
std::vector<IndexedFinding> readable(const Corpus& corpus, std::vector<IndexedFinding> findings,
                                     const RecipeData& data) {
  std::int64_t left_out = 0;
  std::string why;
  std::erase_if(findings, [&](const IndexedFinding& finding) {
    std::optional<StoredFinding> stored = corpus.load_sound(finding.id, warn_of_damage());
    if (stored && !stored->finding.has_tensors()) {
      const std::string now = data.complete(*stored);
      left_out += now.empty() ? 0 : 1;
      why = now.empty() ? why : now;
    }
    return !stored || !stored->finding.has_tensors();
  });
  if (left_out > 0) {
    print_warnings({{"recipe", std::to_string(left_out) + " findings are left out; of the last of them: " + why}});
  }
  if (findings.empty()) {
    throw Error{ErrorCode::kNothingRan,
                "nothing to do: no selected finding of " + corpus.path().string() + " is sound and has a witness"};
  }
  return findings;
}

void export_arrays(const Corpus& corpus, const std::vector<IndexedFinding>& findings, const RecipeData& data,
                   const std::filesystem::path& out) {
  std::vector<std::int64_t> labels;
  std::vector<std::int64_t> predictions;
  std::string ids;
  const std::vector<std::int64_t> shape = load_whole(corpus, findings.front().id, data).finding.failure.shape;
  for (const IndexedFinding& finding : findings) {
    labels.push_back(finding.label);
    predictions.push_back(finding.prediction);
    ids += finding.id + "\n";
  }
  const auto row = [&](std::int64_t number) {
    StoredFinding stored = load_whole(corpus, findings[static_cast<std::size_t>(number)].id, data);
    if (stored.finding.failure.shape != shape) {
      throw Error{ErrorCode::kUsage, "one array holds inputs of one shape, but finding " + short_id(stored.finding.id) +
                                         " is " + shape_text(stored.finding.failure.shape) + " and the first is " +
                                         shape_text(shape) + "; select fewer, or export safetensors"};
    }
    return stored.finding;
  };
  const auto count = static_cast<std::int64_t>(findings.size());
  write_npy(out / "clean.npy", count, [&](std::int64_t number) { return row(number).clean; });
  write_npy(out / "witness.npy", count, [&](std::int64_t number) { return row(number).witness; });
  write_npy(out / "labels.npy", at::tensor(labels, at::kLong));
  write_npy(out / "predictions.npy", at::tensor(predictions, at::kLong));
  write_file(out / "ids.txt", std::array{std::as_bytes(std::span(ids))});
}

void export_one(const StoredFinding& stored, const std::vector<ParsedEvents>& events, const ExportFlags& flags) {
  const std::filesystem::path out = flags.out;
  const std::string name = short_id(stored.finding.id);
  if (flags.format == "png") {
    write_picture(out / (name + ".png"), stored.finding);
    return;
  }
  std::string text = witness_bytes(stored.finding);
  if (flags.format == "markdown") {
    BugReport report{.corpus = flags.corpus, .stored = stored, .states = states_of(events, stored)};
    if (is_picture(stored.finding.failure)) {
      report.picture = name + ".png";
      write_picture(out / report.picture, stored.finding);
    }
    text = bug_report(report);
  }
  write_file(out / (name + (flags.format == "markdown" ? ".md" : ".safetensors")),
             std::array{std::as_bytes(std::span(text))});
}

int export_command(const ExportFlags& flags, const CommandContext& context) {
  constexpr std::array kFormats{"npy", "png", "safetensors", "markdown"};
  if (std::ranges::find(kFormats, flags.format) == kFormats.end()) {
    throw Error{ErrorCode::kUsage, "--format: expected npy, png, safetensors or markdown, got '" + flags.format + "'"};
  }
  const Corpus corpus = Corpus::open(flags.corpus);
  const RecipeData data(flags.data, context.registries);
  const std::vector<IndexedFinding> findings = readable(corpus, selected_findings(corpus, flags.filter), data);
  make_empty_folder(flags.out);
  if (flags.format == "npy") {
    export_arrays(corpus, findings, data, flags.out);
  } else {
    const std::vector<ParsedEvents> events = corpus.events(warn_of_damage());
    for (const IndexedFinding& finding : findings) {
      export_one(load_whole(corpus, finding.id, data), events, flags);
    }
  }
  print("exported " + std::to_string(findings.size()) + " findings to " + flags.out + "\n");
  return 0;
}

}  // namespace

void add_corpus_show(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<ShowFlags>();
  CLI::App* command = app.add_subcommand("show", "one finding: what fails, who found it, where it stands");
  command->footer(
      "Examples:\n"
      "  faultline corpus show corpus 1a2b3c\n"
      "  faultline corpus show corpus 1a2b3c --png finding.png\n\n"
      "The picture shows the clean input, the witness, and their difference, amplified. Of a finding that is stored as "
      "a\n"
      "recipe it needs --data.");
  add_corpus_argument(*command, flags->corpus);
  command->add_option("ID", flags->id, "id, or how it begins")->required();
  command->add_option("--png", flags->png, "also write a picture");
  add_data_flags(*command, flags->data, /*required=*/false);
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags, context] { return show(*flags, context); }; });
}

void add_corpus_export(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<ExportFlags>();
  CLI::App* command = app.add_subcommand("export", "findings as arrays, pictures or bug reports");
  command->footer(
      "Examples:\n"
      "  faultline corpus export corpus --format npy --out arrays\n"
      "  faultline corpus export corpus --finding 1a2b3c --format markdown --out report\n\n"
      "npy: clean, witness, labels, predictions, ids.txt. png, safetensors, markdown: one file a finding. Findings "
      "that\n"
      "are stored as recipes need --data.");
  add_corpus_argument(*command, flags->corpus);
  add_filter_flags(*command, flags->filter);
  add_data_flags(*command, flags->data, /*required=*/false);
  command->add_option("--format", flags->format, "npy, png, safetensors or markdown")->required();
  command->add_option("--out", flags->out, "new or empty folder")->required();
  command->callback(
      [flags, context] { context.chosen = [flags, context] { return export_command(*flags, context); }; });
}

}  // namespace faultline
