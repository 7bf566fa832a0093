#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/corpus_flags.h"
#include "faultline/cli/progress.h"
#include "faultline/cli/recipe_data.h"
#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/core/split.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/eval/document.h"
#include "faultline/eval/evidence.h"
#include "faultline/eval/replay.h"
#include "faultline/report/command_line.h"
#include "faultline/report/junit.h"

namespace faultline {

namespace {

constexpr std::size_t kMostListed = 20;

struct ReplayFlags {
  std::string corpus{};
  ModelFlags model{};
  DataFlags data{};
  std::string line = "main";
  std::string fail_on{};
  std::string hang = "30s";
  std::int64_t memory = 4096;  ///< Megabytes.
  std::string junit{};
  std::vector<std::string> findings{};
  std::int64_t batch = 0;
  int workers = 0;
  bool update = false;
  bool strengthen = false;
  bool strict = false;
  bool json = false;
};

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words = split(text, ',');
  for (std::string& word : words) {
    std::ranges::replace(word, ' ', '-');
  }
  return words;
}

/// "label 7 (misclassification, linf 0.05)": nothing in it depends on the model.
std::string failure_text(const ReplayRow& row) {
  std::string text = "label " + std::to_string(row.label) + " (" + row.oracle;
  if (row.target) {
    text += " as " + std::to_string(*row.target);
  }
  if (row.budget) {
    text += ", " + std::string(name_of(row.budget->norm)) + " " + shortest(row.budget->epsilon);
  }
  return text + ")";
}

std::string now_text(const ReplayRow& row) {
  if (row.verdict == ReplayVerdict::kIncompatible || row.verdict == ReplayVerdict::kNotReproducible) {
    return row.why;
  }
  if (row.verdict == ReplayVerdict::kInvalidBaseline || row.verdict == ReplayVerdict::kStillInvalid) {
    return "the clean input is taken for " + std::to_string(row.clean_prediction);
  }
  if (row.prediction < 0) {
    return row.margin < 0 ? "it fails as before" : "it does so no longer";  // no class is judged
  }
  return "the witness is taken for " + std::to_string(row.prediction) + ", margin " + three_digits(row.margin);
}

JunitCase case_of(const ReplayRow& row, const ReplayFlags& flags, bool failed) {
  JunitCase test{.classname = "faultline.replay." + flags.line,
                 .name = "finding " + short_id(row.id) + " " + failure_text(row)};
  if (failed) {
    test.status = JunitCase::Status::kFailed;
    test.message = name_of(row.verdict);
    test.text = name_of(row.verdict) + ": " + now_text(row) + "\nfound by " + row.attack +
                "\nshow it: faultline corpus show " + shell_word(flags.corpus) + " " + short_id(row.id);
  } else if (row.verdict == ReplayVerdict::kIncompatible || row.verdict == ReplayVerdict::kStillInvalid ||
             row.verdict == ReplayVerdict::kInvalidBaseline) {
    test.status = JunitCase::Status::kSkipped;
    test.message = name_of(row.verdict) + ": " + now_text(row);
  } else {
    test.text = name_of(row.verdict) + ": " + now_text(row);
  }
  return test;
}

std::string damage_text(const ReplayResult& result, const ReplayFlags& flags) {
  return flags.corpus + ": " + std::to_string(result.damaged) +
         " damaged files; see `faultline corpus check` (--strict)";
}

void write_junit_of(const ReplayResult& result, const ReplayFlags& flags, const FailurePolicy& policy) {
  JunitSuite suite{.name = "faultline.replay", .seconds = result.seconds, .timestamp = utc_now()};
  if (flags.strict && result.damaged > 0) {
    suite.cases.push_back({.classname = "faultline.replay." + flags.line,
                           .name = "corpus is sound",
                           .status = JunitCase::Status::kFailed,
                           .message = "damaged files",
                           .text = damage_text(result, flags)});
  }
  for (const ReplayRow& row : result.rows) {
    suite.cases.push_back(case_of(row, flags, policy.fails(row.verdict)));
  }
  write_junit(flags.junit, suite);
}

std::vector<Warning> warnings_of(const ReplayResult& result, const ReplayFlags& flags) {
  const std::string all = std::to_string(result.rows.size()) + " findings";
  std::vector<Warning> warnings = new_line_warnings(flags.line, result.lines);
  if (result.other_preprocessing > 0) {
    warnings.push_back(
        {"preprocessing", std::to_string(result.other_preprocessing) + " of " + all +
                              " were found with another --mean, --std, --output or --binary than this "
                              "replay has; their verdicts may mean nothing (`corpus show` tells which)"});
  }
  const auto flaky = std::ranges::count(result.rows, ReplayVerdict::kFlaky, &ReplayRow::verdict);
  if (2 * flaky > std::ssize(result.rows)) {
    warnings.push_back(
        {"mostly-flaky", std::to_string(flaky) + " of " + all +
                             " are flaky: is the output constant, or does the model draw random numbers? "
                             "`faultline inspect` tells; nothing is shown to be fixed"});
  }
  if (result.not_strengthened > 0) {
    warnings.push_back({"not-strengthened", std::to_string(result.not_strengthened) +
                                                " findings that pass have no budget in a norm or another oracle: "
                                                "--strengthen has no attack for them"});
  }
  return warnings;
}

Json row_json(const ReplayRow& row) {
  Json json{{"id", row.id}, {"verdict", name_of(row.verdict)}, {"label", row.label}, {"prediction", row.prediction}};
  json["clean_prediction"] = row.clean_prediction;
  json["margin"] = row.margin;
  return json;
}

Json replay_json(const ReplayResult& result, const ReplayFlags& flags, const ModelPlan& model,
                 const FailurePolicy& policy) {
  Json json{{"schema", "faultline.replay/1"}, {"faultline", version()}};
  json["model"] = model_fields(model);
  json["corpus"] = {{"path", flags.corpus}, {"findings", result.rows.size()}, {"damaged", result.damaged}};
  json["line"] = flags.line;
  json["updated"] = flags.update;
  json["verdicts"] = Json::object();
  for (const auto& [verdict, count] : counts_of(result)) {
    json["verdicts"][name_of(verdict)] = count;
  }
  json["fail_on"] = policy.words();
  json["failed"] = Json::array();
  json["findings"] = Json::array();
  for (const ReplayRow& row : result.rows) {
    json["findings"].push_back(row_json(row));
    if (policy.fails(row.verdict)) {
      json["failed"].push_back(row_json(row));
    }
  }
  json["passed"] = json["failed"].empty();
  json["warnings"] = warnings_json(warnings_of(result, flags));
  json["strengthened"] = result.strengthened.size();
  json["seconds"] = result.seconds;
  return json;
}

/// Up to kMostListed rows with one verdict.
std::string listing(const ReplayResult& result, ReplayVerdict verdict) {
  std::string text;
  std::size_t listed = 0;
  for (const ReplayRow& row : result.rows) {
    if (row.verdict == verdict && listed++ < kMostListed) {
      text += "  " + short_id(row.id) + "  " + failure_text(row) + ": " + now_text(row) + "\n";
    }
  }
  if (listed > kMostListed) {
    text += "  ... and " + std::to_string(listed - kMostListed) + " more; --json lists them all\n";
  }
  return text;
}

void print_replay(const ReplayResult& result, const ReplayFlags& flags, const FailurePolicy& policy) {
  print(bold("model   ") + flags.model.path + "\n" + bold("corpus  ") + flags.corpus + ", " +
        std::to_string(result.rows.size()) + " findings, line " + flags.line + "\n\n");
  std::vector<std::vector<std::string>> counts{{"verdict", "findings"}};
  std::int64_t failed = 0;
  for (const auto& [verdict, count] : counts_of(result)) {
    counts.push_back({name_of(verdict), std::to_string(count)});
    failed += policy.fails(verdict) ? count : 0;
  }
  print(table(counts));
  for (const auto& [verdict, count] : counts_of(result)) {
    const bool told = policy.fails(verdict) || verdict == ReplayVerdict::kFixed ||
                      verdict == ReplayVerdict::kFixedAtThePoint || verdict == ReplayVerdict::kFlaky ||
                      verdict == ReplayVerdict::kNew || verdict == ReplayVerdict::kChanged;
    if (told) {
      print("\n" + bold(name_of(verdict)) + "\n" + listing(result, verdict));
    }
  }
  std::string words;
  for (const std::string& word : policy.words()) {
    words += (words.empty() ? "" : ", ") + word;
  }
  print("\n" + bold(failed == 0 ? "PASSED" : "FAILED") + ": " + std::to_string(failed) + " of " +
        std::to_string(result.rows.size()) + " findings fail on " + words + "\n");
  if (!flags.update) {
    print("states are as before; --update records what has changed\n");
  }
}

ReplayResult run_replay(const Corpus& corpus, const ReplayFlags& flags, const ModelPlan& model,
                        const CommandContext& context) {
  const std::shared_ptr<const TorchScriptModel> module = open_model(flags.model);
  if (module->saved_in_train_mode()) {
    print_warnings({{"train-mode", "the model was saved in training mode; it is run in evaluation mode"}});
  }
  ReplaySetup setup{.make_target = target_factory(module, model, context.stop),
                    .compared = {.others = {}, .twin = twin_factory(flags.model, model, context.stop)},
                    .stop = context.stop,
                    .oracles = &context.registries.oracles,
                    .line = flags.line,
                    .only = {},
                    .model = model.sha256,
                    .preprocessing = preprocessing_of(model),
                    .workers = worker_count(flags.workers),
                    .batch = flags.batch,
                    .device = module->device()};
  const RecipeData data(flags.data, context.registries);
  setup.recipes = data.recipes();
  for (const std::string& prefix : flags.findings) {
    setup.only.push_back(corpus.find(prefix));
  }
  std::ranges::sort(setup.only);
  setup.only.erase(std::unique(setup.only.begin(), setup.only.end()), setup.only.end());
  if (flags.strengthen) {
    setup.strengthen = parse_attack("pgd:steps=20,loss=margin", context.registries.attacks);
  }
  setup.child.memory = static_cast<std::uint64_t>(flags.memory) << 20;
  setup.child.seconds = parse_duration(flags.hang, "--hang-timeout");
  setup.damaged = [](const std::string& message) { print_warnings({{"damaged", message}}); };
  ProgressLine line("replay", "findings", "failing");
  setup.progress = [&](const Progress& progress) { line.update(progress); };
  return replay(corpus, setup);
}

/// Throws Error (kUsage) for words that are no verdicts.
FailurePolicy policy_of(const ReplayFlags& flags) {
  return FailurePolicy(flags.fail_on.empty() ? FailurePolicy::default_words() : words_of(flags.fail_on));
}

int replay_command(const ReplayFlags& flags, const CommandContext& context) {
  check_line(flags.line);
  const FailurePolicy policy = policy_of(flags);
  Corpus corpus = Corpus::open(flags.corpus);
  const ModelPlan model = plan_model(flags.model);
  const ReplayResult result = run_replay(corpus, flags, model, context);
  if (result.interrupted) {
    throw Error{ErrorCode::kInterrupted,
                "interrupted after " + std::to_string(result.rows.size()) + " findings; no state has changed"};
  }
  print_warnings(warnings_of(result, flags));
  // Before the corpus: when it cannot be written, no state has changed. Also when the replay ends with an error from
  // here on: an older file must not pass for this run's.
  if (!flags.junit.empty()) {
    write_junit_of(result, flags, policy);
  }
  if (flags.strict && result.damaged > 0) {
    throw Error{ErrorCode::kUsage, damage_text(result, flags)};
  }
  if (result.rows.empty()) {
    throw Error{ErrorCode::kNothingRan, "nothing to do: " + flags.corpus + " holds no finding that can be replayed"};
  }
  if (flags.update) {
    corpus.file(result.strengthened);
    corpus.record(events_of(result, flags.line, model.sha256));
  }
  if (flags.json) {
    print(json_text(replay_json(result, flags, model, policy)));
  } else {
    print_replay(result, flags, policy);
  }
  constexpr int kFailed = 1;
  return std::ranges::any_of(result.rows, [&](const ReplayRow& row) { return policy.fails(row.verdict); }) ? kFailed
                                                                                                           : 0;
}

}  // namespace

void add_replay_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<ReplayFlags>();
  CLI::App* command = app.add_subcommand("replay", "regression test: a verdict for every finding of a corpus");
  command->footer(
      "Examples:\n"
      "  faultline replay corpus --model model.pt\n"
      "  faultline replay corpus --model model.pt --update --fail-on regressed,new --junit junit.xml\n\n"
      "Runs every saved failure on the model and compares with where it stood on the line. Exit code 1 when a finding "
      "has\n"
      "one of the verdicts of --fail-on. Nothing is written to the corpus without --update.\n"
      "Verdicts: new, still failing, changed, regressed, expired acceptance, accepted, flaky, fixed, fixed at the "
      "point,\n"
      "passing, invalid baseline, still invalid, incompatible, not reproducible. docs/corpus.md explains each. "
      "Findings\n"
      "that are stored as recipes (fuzz --store recipe) need --data.");
  command->add_option("CORPUS", flags->corpus, "failure corpus")->required();
  add_model_flags(*command, flags->model, ModelPlace::kOption);
  add_data_flags(*command, flags->data, /*required=*/false);
  add_line_flag(*command, flags->line);
  command->add_option("--finding", flags->findings, "replay only this one: its id, or how it begins; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--fail-on", flags->fail_on,
                      "verdicts that fail, as words with hyphens; open: all that fail and are not accepted; none "
                      "(default: regressed,invalid-baseline,expired-acceptance,not-reproducible)");
  command->add_flag("--update", flags->update, "record what has changed in the corpus");
  command->add_flag("--strengthen", flags->strengthen,
                    "attack from every witness that passes: a model that only moved is not fixed");
  command->add_option("--hang-timeout", flags->hang, "findings of hangs: an input that takes longer hangs")
      ->capture_default_str();
  add_whole_number(*command, "--memory-limit", flags->memory, 0, std::int64_t{1} << 30,
                   "findings of process deaths: megabytes their process may take beside the model; 0: no limit")
      ->default_str("4096");
  command->add_option("--junit", flags->junit, "write JUnit XML to this file");
  command->add_flag("--strict", flags->strict, "damaged entries end the replay with exit code 4");
  add_workers_flag(*command, flags->workers);
  add_batch_flag(*command, flags->batch);
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] {
    context.check = [flags] {
      check_line(flags->line);
      (void)policy_of(*flags);
    };
    context.chosen = [flags, context] { return replay_command(*flags, context); };
  });
}

}  // namespace faultline
