#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <set>

#include "faultline/cli/console.h"
#include "faultline/cli/corpus_flags.h"
#include "faultline/cli/corpus_subcommands.h"
#include "faultline/cli/progress.h"
#include "faultline/core/error.h"
#include "faultline/data/array.h"
#include "faultline/data/json.h"
#include "faultline/data/npy.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/eval/evidence.h"
#include "faultline/eval/filing.h"
#include "faultline/eval/minimize.h"
#include "faultline/report/bug_report.h"
#include "faultline/report/png_triptych.h"

namespace faultline {

namespace {

struct ShowFlags {
  std::string corpus{};
  std::string id{};
  std::string png{};
  bool json = false;
};

struct AcceptFlags {
  std::string corpus{};
  std::vector<std::string> ids{};
  std::string line = "main";
  std::string until{};
  std::string reason{};
};

struct ExportFlags {
  std::string corpus{};
  FilterFlags filter{};
  std::string format{};
  std::string out{};
};

struct MinimizeFlags {
  std::string corpus{};
  FilterFlags filter{};
  ModelFlags model{};
  std::string search = "pgd:steps=20,loss=margin,relative-step=0.1";
  int workers = 0;
  bool json = false;
};

/// The state on every line where there is one.
std::vector<std::pair<std::string, std::string>> states_of(const Corpus& corpus, const StoredFinding& stored) {
  const std::vector<ParsedEvents> events = corpus.events(warn_of_damage());
  std::set<std::string> lines;
  for (const Discovery& discovery : stored.discoveries) {
    lines.insert(discovery.line);
  }
  for (const ParsedEvents& parsed : events) {
    lines.insert(parsed.file.line);
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

StoredFinding load_whole(const Corpus& corpus, const std::string& id) {
  std::optional<StoredFinding> stored = corpus.load(id, warn_of_damage());
  if (!stored) {
    throw Error{ErrorCode::kUsage, corpus.folder_of(id).string() + ": is not finished: it has no entry.json"};
  }
  return std::move(*stored);
}

bool is_picture(const Failure& failure) {
  return failure.shape.size() == 3 && (failure.shape[0] == 1 || failure.shape[0] == 3);
}

void write_picture(const std::filesystem::path& path, const Finding& finding) {
  if (!is_picture(finding.failure)) {
    throw Error{ErrorCode::kUsage, "finding " + finding.id.substr(0, kShortId) + " has the shape " +
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

/// Throws Error (kUsage) unless the text is a day, YYYY-MM-DD.
void check_day(const std::string& text, const std::string& name) {
  using namespace std::chrono;
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int read = 0;
  const bool shaped =
      text.size() == 10 && std::sscanf(text.c_str(), "%4d-%2u-%2u%n", &year, &month, &day, &read) == 3 && read == 10;
  if (!shaped || !year_month_day(std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)).ok()) {
    throw Error{ErrorCode::kUsage, name + ": expected a day, YYYY-MM-DD, got '" + text + "'"};
  }
}

int show(const ShowFlags& flags) {
  const Corpus corpus = Corpus::open(flags.corpus);
  const BugReport report{.corpus = flags.corpus, .stored = load_whole(corpus, corpus.find(flags.id))};
  const auto states = states_of(corpus, report.stored);
  if (!flags.png.empty()) {
    write_picture(flags.png, report.stored.finding);
  }
  if (flags.json) {
    Json json{{"schema", "faultline.corpus.show/1"}, {"id", report.stored.finding.id}};
    json["folder"] = corpus.folder_of(report.stored.finding.id).string();
    json["entry"] = Json::parse(entry_bytes(report.stored.finding.failure));
    json["discoveries"] = Json::array();
    for (const Discovery& discovery : report.stored.discoveries) {
      json["discoveries"].push_back(Json::parse(discovery_bytes(discovery)));
    }
    json["states"] = Json::object();
    for (const auto& [line, state] : states) {
      json["states"][line] = state;
    }
    print(json.dump(2) + "\n");
    return 0;
  }
  BugReport text = report;
  text.states = states;
  print(finding_text(text));
  return 0;
}

int accept(const AcceptFlags& flags) {
  check_line(flags.line);
  check_day(flags.until, "--until");
  if (flags.until < today()) {
    throw Error{ErrorCode::kUsage, "--until: " + flags.until + " is over; expected a day from " + today() + " on"};
  }
  if (flags.reason.find_first_not_of(" \t") == std::string::npos) {
    throw Error{ErrorCode::kUsage, "--reason: say why, for those who come across it later"};
  }
  Corpus corpus = Corpus::open(flags.corpus);
  const States states(corpus.events(warn_of_damage()), flags.line);
  std::set<std::string> ids;
  for (const std::string& prefix : flags.ids) {
    ids.insert(corpus.find(prefix));
  }
  EventFile file{.kind = "accept", .line = flags.line, .faultline = version(), .date = today()};
  for (const std::string& id : ids) {
    StateEvent event{.finding = id, .state = State::kAccepted, .until = flags.until, .reason = flags.reason};
    if (const LineState* state = states.of(id)) {
      event.prediction = state->event.prediction;
      event.after = state->heads;
    }
    file.events.push_back(std::move(event));
  }
  corpus.record(file);
  print("accepted " + std::to_string(ids.size()) + (ids.size() == 1 ? " finding" : " findings") + " on line " +
        flags.line + " until " + flags.until + "\n");
  return 0;
}

void export_arrays(const Corpus& corpus, const std::vector<IndexedFinding>& findings,
                   const std::filesystem::path& out) {
  std::vector<std::int64_t> labels;
  std::vector<std::int64_t> predictions;
  std::string ids;
  const std::vector<std::int64_t> shape = load_whole(corpus, findings.front().id).finding.failure.shape;
  for (const IndexedFinding& finding : findings) {
    labels.push_back(finding.label);
    predictions.push_back(finding.prediction);
    ids += finding.id + "\n";
  }
  const auto row = [&](std::int64_t number) {
    StoredFinding stored = load_whole(corpus, findings[static_cast<std::size_t>(number)].id);
    if (stored.finding.failure.shape != shape) {
      throw Error{ErrorCode::kUsage, "one array holds inputs of one shape, but finding " +
                                         stored.finding.id.substr(0, kShortId) + " is " +
                                         shape_text(stored.finding.failure.shape) + " and the first is " +
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

void export_one(const Corpus& corpus, const std::string& id, const ExportFlags& flags) {
  const std::filesystem::path out = flags.out;
  const std::string name = id.substr(0, kShortId);
  const StoredFinding stored = load_whole(corpus, id);
  if (flags.format == "png") {
    write_picture(out / (name + ".png"), stored.finding);
    return;
  }
  std::string text = witness_bytes(stored.finding);
  if (flags.format == "markdown") {
    BugReport report{.corpus = flags.corpus, .stored = stored, .states = states_of(corpus, stored)};
    if (is_picture(stored.finding.failure)) {
      report.picture = name + ".png";
      write_picture(out / report.picture, stored.finding);
    }
    text = bug_report(report);
  }
  write_file(out / (name + (flags.format == "markdown" ? ".md" : ".safetensors")),
             std::array{std::as_bytes(std::span(text))});
}

int export_command(const ExportFlags& flags) {
  constexpr std::array kFormats{"npy", "png", "safetensors", "markdown"};
  if (std::ranges::find(kFormats, flags.format) == kFormats.end()) {
    throw Error{ErrorCode::kUsage, "--format: expected npy, png, safetensors or markdown, got '" + flags.format + "'"};
  }
  const Corpus corpus = Corpus::open(flags.corpus);
  const std::vector<IndexedFinding> findings = selected_findings(corpus, flags.filter);
  make_empty_folder(flags.out);
  if (flags.format == "npy") {
    export_arrays(corpus, findings, flags.out);
  } else {
    for (const IndexedFinding& finding : findings) {
      export_one(corpus, finding.id, flags);
    }
  }
  print("exported " + std::to_string(findings.size()) + " findings to " + flags.out + "\n");
  return 0;
}

void print_minimized(const std::vector<Minimized>& results, const Filed& filed, const MinimizeFlags& flags) {
  std::map<Minimized::Outcome, std::int64_t> counts;
  std::vector<double> ratios;
  for (const Minimized& result : results) {
    ++counts[result.outcome];
    if (result.outcome == Minimized::Outcome::kSmaller) {
      ratios.push_back(result.after / result.before);
    }
  }
  const double median = ratios.empty() ? 1 : (std::ranges::sort(ratios), ratios[ratios.size() / 2]);
  if (flags.json) {
    Json json{{"schema", "faultline.corpus.minimize/1"}, {"findings", results.size()}};
    json["smaller"] = counts[Minimized::Outcome::kSmaller];
    json["smallest"] = counts[Minimized::Outcome::kSmallest];
    json["passes"] = counts[Minimized::Outcome::kPasses];
    json["no_budget"] = counts[Minimized::Outcome::kNoBudget];
    json["median_ratio"] = median;
    json["added"] = filed.added;
    print(json.dump(2) + "\n");
    return;
  }
  print(table({{"findings", std::to_string(results.size())},
               {"smaller", std::to_string(counts[Minimized::Outcome::kSmaller])},
               {"as small as they get", std::to_string(counts[Minimized::Outcome::kSmallest])},
               {"right on this model", std::to_string(counts[Minimized::Outcome::kPasses])},
               {"without a norm for it", std::to_string(counts[Minimized::Outcome::kNoBudget])}}));
  print("\n" + std::to_string(filed.added) + " new findings, each naming the one it was made from; median distance " +
        three_digits(100 * median) + " % of the old one\n");
}

int minimize_command(const MinimizeFlags& flags, const CommandContext& context) {
  Corpus corpus = Corpus::open(flags.corpus);
  std::vector<std::string> ids;
  for (const IndexedFinding& finding : selected_findings(corpus, flags.filter)) {
    ids.push_back(finding.id);
  }
  const std::shared_ptr<const TorchScriptModel> module = open_model(flags.model);
  const ModelPlan model = plan_model(flags.model);
  std::vector<Minimized> results;
  {
    ProgressLine line("minimize", "findings", "smaller");
    results = minimize(corpus, ids,
                       {.make_target = target_factory(module, model, context.stop),
                        .stop = context.stop,
                        .line = flags.filter.filter.line,
                        .model = model.sha256,
                        .preprocessing = preprocessing_of(model),
                        .attack = parse_attack(flags.search, context.registries.attacks),
                        .workers = worker_count(flags.workers),
                        .device = module->device(),
                        .damaged = warn_of_damage(),
                        .progress = [&](const Progress& progress) { line.update(progress); }});
  }
  std::vector<NewFinding> found;
  for (const Minimized& result : results) {
    if (result.outcome == Minimized::Outcome::kSmaller) {
      found.push_back(result.found);
    }
  }
  const Filed filed = corpus.file(found);
  if (context.stop) {
    throw Error{ErrorCode::kInterrupted, "interrupted after " + std::to_string(results.size()) + " of " +
                                             std::to_string(ids.size()) + " findings; what was found is filed"};
  }
  print_minimized(results, filed, flags);
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
      "The picture shows the clean input, the witness, and their difference, amplified.");
  add_corpus_argument(*command, flags->corpus);
  command->add_option("ID", flags->id, "id, or how it begins")->required();
  command->add_option("--png", flags->png, "also write a picture");
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags] { return show(*flags); }; });
}

void add_corpus_accept(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<AcceptFlags>();
  CLI::App* command = app.add_subcommand("accept", "allow findings to fail until a day");
  command->footer(
      "Examples:\n"
      "  faultline corpus accept corpus 1a2b3c --until 2030-01-31 --reason \"blurred label, see ticket 12\"\n"
      "  faultline corpus accept corpus 1a2b3c 4d5e6f --line release-2 --until 2030-01-31 --reason \"known, retrain\"");
  add_corpus_argument(*command, flags->corpus);
  command->add_option("ID", flags->ids, "ids, or how they begin")->required();
  add_line_flag(*command, flags->line);
  command->add_option("--until", flags->until, "last day, YYYY-MM-DD (UTC); a replay fails from the next day on")
      ->required();
  command->add_option("--reason", flags->reason, "why")->required();
  command->callback([flags, context] { context.chosen = [flags] { return accept(*flags); }; });
}

void add_corpus_export(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<ExportFlags>();
  CLI::App* command = app.add_subcommand("export", "findings as arrays, pictures or bug reports");
  command->footer(
      "Examples:\n"
      "  faultline corpus export corpus --format npy --out arrays\n"
      "  faultline corpus export corpus --finding 1a2b3c --format markdown --out report\n\n"
      "npy: clean, witness, labels, predictions, ids.txt. png, safetensors, markdown: one file a finding.");
  add_corpus_argument(*command, flags->corpus);
  add_filter_flags(*command, flags->filter);
  command->add_option("--format", flags->format, "npy, png, safetensors or markdown")->required();
  command->add_option("--out", flags->out, "new or empty folder")->required();
  command->callback([flags, context] { context.chosen = [flags] { return export_command(*flags); }; });
}

void add_corpus_minimize(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<MinimizeFlags>();
  CLI::App* command = app.add_subcommand("minimize", "look for witnesses nearer to the clean input");
  command->footer(
      "Examples:\n"
      "  faultline corpus minimize corpus --model model.pt\n"
      "  faultline corpus minimize corpus --model model.pt --finding 1a2b3c --json\n\n"
      "What is found is a finding of its own that names the one it was made from; nothing is replaced. `corpus gc` "
      "thins out.");
  add_corpus_argument(*command, flags->corpus);
  add_filter_flags(*command, flags->filter);
  add_model_flags(*command, flags->model, ModelPlace::kOption);
  command->add_option("--search", flags->search, "attack that looks for nearer witnesses")->capture_default_str();
  add_workers_flag(*command, flags->workers);
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback(
      [flags, context] { context.chosen = [flags, context] { return minimize_command(*flags, context); }; });
}

}  // namespace faultline
