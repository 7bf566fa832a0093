#include "faultline/cli/fuzz_flags.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <set>

#include "faultline/cli/corpus_flags.h"
#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/core/split.h"
#include "faultline/core/suggest.h"

namespace faultline {

namespace {

constexpr const char* kRecipesMode = "recipes";
constexpr const char* kContractMode = "contract";

EngineKind parse_engine(const std::string& name) {
  for (const EngineKind kind : {EngineKind::kLibFuzzer, EngineKind::kLoop, EngineKind::kRandom}) {
    if (name_of(kind) == name) {
      return kind;
    }
  }
  throw Error{ErrorCode::kUsage,
              "--engine: unknown engine '" + name + "'" + did_you_mean(name, {"libfuzzer", "loop", "random"})};
}

bool stores_recipes(const std::string& store) {
  if (store != "recipe" && store != "witness") {
    throw Error{ErrorCode::kUsage, "--store: unknown way to store '" + store + "'; expected witness or recipe"};
  }
  return store == "recipe";
}

/// All that keep labels at some severity and need no gradient.
std::vector<std::pair<std::string, int>> usual_mutators(const MutatorRegistry& registry) {
  std::vector<std::pair<std::string, int>> chosen;
  for (const MutatorRegistry::Entry& entry : registry.entries()) {
    if (entry.info.preserves > 0 && !entry.info.needs_gradient) {
      chosen.emplace_back(entry.info.name, entry.info.preserves);
    }
  }
  return chosen;
}

/// One of --mutators: NAME, NAME=SEVERITY, or the name of a family.
std::vector<std::pair<std::string, int>> named_mutators(const std::string& word, const MutatorRegistry& registry) {
  const std::size_t equals = word.find('=');
  const std::string name = word.substr(0, equals);
  std::vector<std::pair<std::string, int>> chosen;
  std::vector<std::string> names;
  for (const MutatorRegistry::Entry& entry : registry.entries()) {
    const bool of_family = entry.info.family == name && entry.info.preserves > 0 && !entry.info.needs_gradient;
    if (entry.info.name == name || of_family) {
      chosen.emplace_back(entry.info.name, std::max(1, entry.info.preserves));
    }
    names.push_back(entry.info.name);
    names.push_back(entry.info.family);
  }
  if (chosen.empty()) {
    throw Error{ErrorCode::kUsage, "--mutators: unknown mutator or family '" + name + "'" + did_you_mean(name, names)};
  }
  if (equals != std::string::npos) {
    const long long severity = parse_integer(word.substr(equals + 1), "--mutators " + name);
    if (severity < 1 || severity > kSeverities) {
      throw Error{ErrorCode::kUsage, "--mutators " + word + ": expected a severity 1 to 5"};
    }
    for (auto& [mutator, most] : chosen) {
      most = static_cast<int>(severity);
    }
  }
  return chosen;
}

std::vector<std::pair<std::string, int>> parse_mutators(const std::string& text, const MutatorRegistry& registry) {
  if (text.empty()) {
    return usual_mutators(registry);
  }
  std::vector<std::pair<std::string, int>> chosen;
  std::set<std::string> known;
  for (const std::string& word : split(text, ',')) {
    for (const auto& mutator : named_mutators(word, registry)) {
      if (known.insert(mutator.first).second) {
        chosen.push_back(mutator);
      }
    }
  }
  return chosen;
}

/// Throws Error (kUsage) when one of the options was given that do nothing with what the user chose.
void refuse_useless(const CLI::App& command, const std::set<std::string>& useless, const std::string& with) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() > 0 && useless.contains(option->get_name())) {
      throw Error{ErrorCode::kUsage, option->get_name() + " does nothing with " + with + "; leave it out"};
    }
  }
}

}  // namespace

void add_fuzz_subject_flags(CLI::App& app, FuzzFlags& flags) {
  add_model_flags(app, flags.model);
  add_data_flags(app, flags.data, /*required=*/true);
  add_oracle_flags(app, flags.oracles, "misclassification, exception and non-finite");
  app.add_option("--mutators", flags.mutators,
                 "mutators or families, divided by commas, each with =SEVERITY at most (default: all, up to where a "
                 "person gives the same label); see `faultline list mutators`");
  add_whole_number(app, "--validity", flags.validity, 1, 40, "sum of the severities in one recipe at most")
      ->default_str("5");
  add_whole_number(app, "--steps", flags.steps, 1, kMostRecipeSteps, "mutators in one recipe at most")
      ->default_str("8");
  app.add_option("--norm", flags.oracles.norm, "keep every input inside a ball of this norm too: linf, l2, l1 or l0");
  app.add_option("--epsilon", flags.epsilon, "radius of that ball, in input units");
  add_seed_flag(app, flags.run);
}

void add_fuzz_run_flags(CLI::App& app, FuzzFlags& flags) {
  app.add_option("--mode", flags.mode,
                 "recipes (changed samples), or contract (wrong ranks, shapes, types, batches and values)")
      ->capture_default_str();
  app.add_option("--engine", flags.engine, "libfuzzer, loop (our own; for CUDA), or random (no guidance)")
      ->capture_default_str();
  app.add_flag("--baseline", flags.baseline, "run the random engine too; each gets half of the budget");
  add_whole_number(app, "--evaluations", flags.evaluations, 1, std::int64_t{1} << 50,
                   "inputs to run at most; with this limit alone the result is the same every time");
  app.add_option("--time", flags.time, "time at most, like 90s, 10m or 8h (default, without another limit: 60s)");
  app.add_option("--stop-after-quiet", flags.quiet,
                 "end when there was no new cluster for so long, like 10m; looked at between rounds");
  app.add_flag("--first-failure", flags.first_failure, "end with the first failure");
  add_whole_number(app, "--islands", flags.islands, 1, 1024,
                   "independent searches that share what they found after each round; results depend on it")
      ->default_str(std::to_string(kIslands));
  app.add_option("--hang-timeout", flags.hang, "a batch that takes longer hangs")->capture_default_str();
  add_whole_number(app, "--memory-limit", flags.memory, 0, std::int64_t{1} << 30,
                   "megabytes a worker process may take beside the model; 0: no limit")
      ->default_str("4096");
  app.add_flag("--no-minimize", flags.no_minimize, "leave failures as they were found");
  app.add_option(
         "--store", flags.store,
         "witness (inputs as they are), or recipe (how to make them from the data, for data that must not leave)")
      ->capture_default_str();
  app.add_option("--corpus", flags.corpus, "failure corpus to file findings in (default: OUT/corpus)");
  add_line_flag(app, flags.line);
  add_whole_number(app, "--keep", flags.keep, 1, 1000, "findings per signature at most")
      ->default_str(std::to_string(flags.keep));
  add_whole_number(app, "--max-findings", flags.most, 1, 1'000'000,
                   "findings in all at most; beyond it only a seed's first one is kept")
      ->default_str(std::to_string(flags.most));
  add_workers_flag(app, flags.run.workers);
  app.add_option("--out", flags.run.out, "run directory to write (new or empty)");
  app.add_flag("--resume", flags.run.resume, "continue the run in --out");
  app.add_option("--emit-fuzzer", flags.emit,
                 "write a stand-alone libFuzzer target for this model and data into that directory, and do not fuzz");
  app.add_flag("--abort-on-failure", flags.abort, "of the emitted fuzzer: abort at the first failure, as fleets expect")
      ->needs(app.get_option("--emit-fuzzer"));
  app.add_flag("--json", flags.run.json, "print one JSON document on stdout");
}

bool is_contract(const FuzzFlags& flags) { return flags.mode == kContractMode; }

void check_mode(const FuzzFlags& flags, const CLI::App& command) {
  if (flags.mode != kRecipesMode && flags.mode != kContractMode) {
    throw Error{ErrorCode::kUsage,
                "--mode: unknown mode '" + flags.mode + "'" + did_you_mean(flags.mode, {kRecipesMode, kContractMode})};
  }
  if (!flags.emit.empty() && !is_contract(flags)) {
    static const std::set<std::string> kNotEmitted{
        "--against",      "--engine",           "--baseline",    "--time",          "--islands", "--evaluations",
        "--keep",         "--stop-after-quiet", "--workers",     "--resume",        "--out",     "--corpus",
        "--line",         "--no-minimize",      "--store",       "--first-failure", "--json",    "--seed",
        "--max-findings", "--hang-timeout",     "--memory-limit"};
    refuse_useless(command, kNotEmitted, "--emit-fuzzer");
  }
  if (!is_contract(flags)) {
    return;
  }
  static const std::set<std::string> kOfRecipes{
      "--oracle",  "--against",          "--mutators",      "--validity", "--steps",   "--norm",
      "--epsilon", "--engine",           "--baseline",      "--time",     "--islands", "--evaluations",
      "--keep",    "--stop-after-quiet", "--first-failure", "--resume",   "--workers", "--no-minimize",
      "--seed",    "--max-findings",     "--emit-fuzzer"};
  refuse_useless(command, kOfRecipes, "--mode contract");
}

std::vector<ConfiguredOracle> fuzz_oracles(const FuzzFlags& flags, const OracleRegistry& registry) {
  std::vector<ConfiguredOracle> oracles;
  const std::vector<std::string> usual{"misclassification", "non-finite", "exception"};
  for (const std::string& spec : flags.oracles.oracles.empty() ? usual : flags.oracles.oracles) {
    oracles.push_back(registry.configure(spec, "--oracle"));
  }
  return oracles;
}

FuzzPlan fuzz_plan(const FuzzFlags& flags, const MutatorRegistry& mutators) {
  FuzzPlan plan{
      .contract = is_contract(flags),
      .engine = parse_engine(flags.engine),
      .mutators = parse_mutators(flags.mutators, mutators),
      .limits = {.steps = static_cast<std::size_t>(flags.steps), .validity = static_cast<int>(flags.validity)},
      .norm = parse_optional_norm(flags.oracles.norm),
      .evaluations = flags.evaluations,
      .islands = static_cast<int>(flags.islands),
      .quota = {.diverse = static_cast<std::size_t>(flags.keep - 1), .most = static_cast<std::size_t>(flags.most)},
      .minimise = !flags.no_minimize,
      .recipe_only = stores_recipes(flags.store),
      .seed = flags.run.seed};
  if (plan.norm.has_value() == flags.epsilon.empty()) {
    throw Error{ErrorCode::kUsage, plan.norm ? "--norm needs --epsilon, the radius of the ball"
                                             : "--epsilon needs --norm, which measures it"};
  }
  const auto asks_the_model = [&](const auto& chosen) { return mutators.at(chosen.first).info.needs_gradient; };
  if (plan.recipe_only && std::ranges::any_of(plan.mutators, asks_the_model)) {
    throw Error{ErrorCode::kUsage,
                "--store recipe: gradient-step cannot be made again without its model; leave it out"};
  }
  plan.epsilon = flags.epsilon.empty() ? 0 : parse_number(flags.epsilon, "--epsilon");
  return plan;
}

}  // namespace faultline
