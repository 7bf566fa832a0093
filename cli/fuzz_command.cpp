#include <CLI/CLI.hpp>

#include <algorithm>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/emit_fuzzer.h"
#include "faultline/cli/fuzz_contract.h"
#include "faultline/cli/fuzz_session.h"
#include "faultline/cli/progress.h"
#include "faultline/core/error.h"
#include "faultline/data/file.h"
#include "faultline/eval/fuzz_summary.h"
#include "faultline/report/command_line.h"

namespace faultline {

namespace {

constexpr const char* kStateFile = "state.json";

/// Limits that a clock or chance decides on.
struct Limits {
  std::optional<double> time{};
  std::optional<double> quiet{};
};

Limits limits_of(const FuzzFlags& flags) {
  Limits limits;
  if (!flags.quiet.empty()) {
    limits.quiet = parse_duration(flags.quiet, "--stop-after-quiet");
  }
  if (!flags.time.empty()) {
    limits.time = parse_duration(flags.time, "--time");
  } else if (flags.evaluations == 0 && !limits.quiet && !flags.first_failure) {
    limits.time = 60;
  }
  return limits;
}

/// What a run has open beside what it fuzzes.
struct Fuzzing {
  const FuzzFlags& flags;
  const CommandContext& context;
  ChildLimits child{};
  FuzzSession open{};
  FuzzOutputs outputs{};
};

std::string status_text(const FuzzProgress& now) {
  const double rate = now.seconds > 0 ? static_cast<double>(now.evaluations) / now.seconds : 0;
  return "fuzz  " + std::to_string(now.evaluations) + " evaluations, " + three_digits(rate) + "/s, " +
         std::to_string(now.seeds_broken) + " seeds broken, " + std::to_string(now.clusters) + " clusters, corpus " +
         std::to_string(now.corpus) + ", features " + std::to_string(now.features) + ", last new " +
         duration_text(now.since_new) + " ago";
}

FuzzSetup setup_of(Fuzzing& fuzzing, const Limits& limits) {
  const FuzzFlags& flags = fuzzing.flags;
  FuzzSetup setup{.mutators = fuzzing.context.registries.mutators,
                  .oracles = fuzzing.open.oracles,
                  .target = *fuzzing.open.target,
                  .stop = fuzzing.context.stop,
                  .workers = worker_count(flags.run.workers),
                  .limits = fuzzing.child,
                  .time = limits.time,
                  .quiet = limits.quiet,
                  .first_failure = flags.first_failure,
                  .corpus = fuzzing.outputs.corpus.get(),
                  .line = flags.line,
                  .classes = fuzzing.open.session.facts.classes};
  if (fuzzing.outputs.directory != nullptr) {
    setup.limits.log = fuzzing.outputs.directory->path() / "engine.log";
    setup.saved = [&fuzzing](const FuzzState& state, const RecipeSpace& space) {
      fuzzing.outputs.directory->write(kStateFile, json_text(state_json(state, space)));
    };
  }
  return setup;
}

/// One engine's part of the run.
FuzzFigures fuzz_with(const FuzzPlan& plan, const Fuzzing& fuzzing, FuzzSetup setup, std::vector<Warning>& warnings) {
  StatusLine line;
  setup.progress = [&](const FuzzProgress& now) {
    if (line.due()) {
      line.show(status_text(now));
    }
  };
  FuzzRun run(plan, fuzzing.open.seeds, setup);
  const bool continues = fuzzing.flags.run.resume && setup.saved;
  if (continues && std::filesystem::exists(fuzzing.outputs.directory->path() / kStateFile)) {
    const std::filesystem::path path = fuzzing.outputs.directory->path() / kStateFile;
    const MappedFile file(path);
    const std::string text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
    run.resume(parse_state(text, run.space(), fuzzing.open.seeds.batch.size(), path.string()));
  }
  FuzzFigures figures{.engine = plan.engine, .state = run.run(), .end = run.end()};
  if (run.unexplained_deaths() > 0) {
    warnings.push_back(
        {"worker-deaths", std::to_string(run.unexplained_deaths()) +
                              " worker processes died, and not again with the same inputs; their islands "
                              "began again"});
  }
  return figures;
}

/// The share of the budget that the random engine gets.
Limits halved(const Limits& limits) {
  return {.time = limits.time ? std::optional(*limits.time / 2) : std::nullopt, .quiet = limits.quiet};
}

FuzzSummary fuzz_all(Fuzzing& fuzzing, const Limits& limits) {
  const FuzzFlags& flags = fuzzing.flags;
  FuzzSummary summary{
      .samples = fuzzing.open.seeds.samples,
      .seeds = fuzzing.open.seeds.batch.size(),
      .repeatable = !limits.time && !limits.quiet && !flags.first_failure && fuzzing.open.session.facts.repeatable,
      .corpus = fuzzing.outputs.corpus == nullptr ? "" : fuzzing.outputs.corpus->path().string(),
      .warnings = fuzzing.open.session.sanity.warnings};
  FuzzPlan plan = fuzzing.open.plan;
  const Limits share = flags.baseline ? halved(limits) : limits;
  if (flags.baseline) {
    plan.evaluations = (plan.evaluations + 1) / 2;
  }
  summary.main = fuzz_with(plan, fuzzing, setup_of(fuzzing, share), summary.warnings);
  if (flags.baseline && summary.main.end != FuzzEnd::kInterrupted) {
    plan.engine = EngineKind::kRandom;
    FuzzSetup setup = setup_of(fuzzing, share);
    setup.corpus = nullptr;
    setup.saved = {};
    summary.baseline = fuzz_with(plan, fuzzing, setup, summary.warnings);
  }
  return summary;
}

/// What `replay` has to be told to judge by the same limits and on the same data.
std::string replay_words(const Fuzzing& fuzzing) {
  const FuzzFlags& flags = fuzzing.flags;
  const FuzzFlags defaults;
  std::string words = fuzzing.open.plan.recipe_only ? data_words(flags.data) : "";
  const auto add = [&](const std::string& word) { words += (words.empty() ? "" : " ") + word; };
  if (flags.hang != defaults.hang) {
    add("--hang-timeout " + shell_word(flags.hang));
  }
  if (flags.memory != defaults.memory) {
    add("--memory-limit " + std::to_string(flags.memory));
  }
  return words;
}

std::vector<std::string> figures_row(const FuzzFigures& figures) {
  const FuzzState& state = figures.state;
  return {name_of(figures.engine),
          std::to_string(state.evaluations),
          three_digits(figures.evaluations_per_second()),
          std::to_string(state.verified_seeds.size()),
          std::to_string(state.accepted),
          std::to_string(state.clusters.size()),
          std::to_string(state.screened),
          name_of(figures.end)};
}

void print_summary(const Fuzzing& fuzzing, const FuzzSummary& summary) {
  const FuzzState& state = summary.main.state;
  print(bold("model   ") + fuzzing.open.plan.model.path + "\n" + bold("data    ") + fuzzing.open.plan.data.source +
        ", " + std::to_string(summary.samples) + " samples, " + std::to_string(summary.seeds) +
        " seeds that are right\n\n");
  std::vector<std::vector<std::string>> rows{
      {"engine", "evaluations", "per second", "seeds broken", "findings", "clusters", "screened", "ended by"}};
  rows.push_back(figures_row(summary.main));
  if (summary.baseline) {
    rows.push_back(figures_row(*summary.baseline));
  }
  print(table(rows) + "\nverified: " + std::to_string(state.accepted) + " of " +
        std::to_string(state.accepted + state.near_ties + state.rejected) + " failures accepted, " +
        std::to_string(state.near_ties) + " near ties, " + std::to_string(state.rejected) + " rejected\n");
  if (!summary.repeatable) {
    print(fuzzing.open.session.facts.repeatable
              ? "a clock or the first failure ended it: another run may find others\n"
              : "the model is not deterministic: another run finds others, and a failure may not fail again\n");
  }
  if (fuzzing.outputs.corpus == nullptr) {
    print("nothing is kept: give --out DIR or --corpus DIR\n");
    return;
  }
  print("filed:    " + std::to_string(state.added) + " new findings in " + summary.corpus + ", " +
        std::to_string(state.known) + " known before\n");
  if (state.added + state.known > 0) {
    print("          replay them: " +
          replay_command_line({.corpus = summary.corpus,
                               .model = fuzzing.open.plan.model.path,
                               .preprocessing = preprocessing_of(fuzzing.open.plan.model),
                               .line = fuzzing.flags.line,
                               .more = replay_words(fuzzing)}) +
          "\n");
  }
}

int fuzz(const FuzzFlags& flags, const CommandContext& context) {
  if (is_contract(flags)) {
    return fuzz_contract(flags, context);
  }
  const Limits limits = limits_of(flags);
  Fuzzing fuzzing{.flags = flags, .context = context, .child = child_limits(flags)};
  fuzzing.open = open_fuzz_session(flags, context);
  if (!flags.emit.empty()) {
    emit_fuzzer(flags, fuzzing.open);
    return 0;
  }
  fuzzing.outputs = open_fuzz_outputs(flags, fuzzing.open.plan);
  print_warnings(fuzzing.open.session.sanity.warnings);
  const std::size_t before = fuzzing.open.session.sanity.warnings.size();
  const FuzzSummary summary = fuzz_all(fuzzing, limits);
  print_warnings({summary.warnings.begin() + static_cast<std::ptrdiff_t>(before), summary.warnings.end()});
  const std::string document = json_text(summary_json(fuzzing.open.plan, summary));
  if (fuzzing.outputs.directory != nullptr) {
    fuzzing.outputs.directory->write("summary.json", document);
  }
  if (flags.run.json) {
    print(document);
  } else {
    print_summary(fuzzing, summary);
  }
  if (summary.main.end == FuzzEnd::kInterrupted ||
      (summary.baseline && summary.baseline->end == FuzzEnd::kInterrupted)) {
    throw Error{ErrorCode::kInterrupted, fuzzing.outputs.directory == nullptr
                                             ? "interrupted; what was verified is reported"
                                             : "interrupted; all that was found is saved; continue with the same "
                                               "command and --resume"};
  }
  return 0;
}

}  // namespace

void add_fuzz_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<FuzzFlags>();
  CLI::App* command = app.add_subcommand("fuzz", "guided search for failing inputs, for minutes or for nights");
  command->footer(
      "Examples:\n"
      "  faultline fuzz model.pt --data mnist:DIR --limit 200 --time 60s --out run1\n"
      "  faultline fuzz model.pt --data cifar10:DIR --evaluations 100000 --mutators geometry,blur=3 --baseline "
      "--json\n\n"
      "Changes samples that the model gets right by recipes of mutators, keeps what is new, and files distinct, "
      "verified "
      "failures\n"
      "in a corpus that `faultline replay` runs again. With --mode contract it asks about inputs of wrong shapes, "
      "types\n"
      "and values instead, each in a process of its own. docs/fuzzing.md explains engines, islands and guidance.");
  add_fuzz_subject_flags(*command, *flags);
  add_fuzz_run_flags(*command, *flags);
  command->callback([flags, context, command] {
    context.check = [flags, command] {
      check_values(flags->model, flags->data);
      check_mode(*flags, *command);
      (void)limits_of(*flags);
      (void)child_limits(*flags);
    };
    context.chosen = [flags, context, command] {
      check_mode(*flags, *command);
      return fuzz(*flags, context);
    };
  });
}

}  // namespace faultline
