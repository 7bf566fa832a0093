#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>

#include "faultline/cli/console.h"
#include "faultline/cli/corpus_flags.h"
#include "faultline/cli/corpus_subcommands.h"
#include "faultline/cli/progress.h"
#include "faultline/cli/recipe_data.h"
#include "faultline/core/error.h"
#include "faultline/data/json.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/eval/filing.h"
#include "faultline/eval/minimize.h"

namespace faultline {

namespace {

struct MinimizeFlags {
  std::string corpus{};
  FilterFlags filter{};
  ModelFlags model{};
  DataFlags data{};
  std::string search = "pgd:steps=20,loss=margin,relative-step=0.1";
  int workers = 0;
  bool json = false;
};

/// What became of findings, those made by recipes apart: distances and severities do not compare.
struct Figures {
  std::map<Minimized::Outcome, std::int64_t> counts{};
  std::int64_t simpler = 0;  ///< Of `smaller` those with a simpler recipe.
  std::vector<double> distance_ratios{};
  std::vector<double> severity_ratios{};
};

Figures figures_of(const std::vector<Minimized>& results) {
  Figures figures;
  for (const Minimized& result : results) {
    ++figures.counts[result.outcome];
    if (result.outcome == Minimized::Outcome::kSmaller) {
      figures.simpler += result.by_recipe ? 1 : 0;
      (result.by_recipe ? figures.severity_ratios : figures.distance_ratios).push_back(result.after / result.before);
    }
  }
  return figures;
}

double median_or_one(std::vector<double> ratios) {
  return ratios.empty() ? 1 : (std::ranges::sort(ratios), ratios[ratios.size() / 2]);
}

void print_minimized(const std::vector<Minimized>& results, const Filed& filed, const MinimizeFlags& flags) {
  Figures figures = figures_of(results);
  auto& counts = figures.counts;
  const double distance = median_or_one(figures.distance_ratios);
  const double severity = median_or_one(figures.severity_ratios);
  if (flags.json) {
    Json json{{"schema", "faultline.corpus.minimize/1"}, {"findings", results.size()}};
    json["smaller"] = counts[Minimized::Outcome::kSmaller];
    json["simpler_recipe"] = figures.simpler;
    json["smallest"] = counts[Minimized::Outcome::kSmallest];
    json["passes"] = counts[Minimized::Outcome::kPasses];
    json["invalid"] = counts[Minimized::Outcome::kInvalid];
    json["no_budget"] = counts[Minimized::Outcome::kNoBudget];
    json["no_witness"] = counts[Minimized::Outcome::kNoWitness];
    json["incompatible"] = counts[Minimized::Outcome::kIncompatible];
    json["median_ratio"] = distance;
    json["median_severity_ratio"] = severity;
    json["added"] = filed.added;
    json["known"] = filed.known;
    print(json_text(json));
    return;
  }
  print(table({{"findings", std::to_string(results.size())},
               {"smaller", std::to_string(counts[Minimized::Outcome::kSmaller])},
               {"as small as they get", std::to_string(counts[Minimized::Outcome::kSmallest])},
               {"right on this model", std::to_string(counts[Minimized::Outcome::kPasses])},
               {"clean input wrong", std::to_string(counts[Minimized::Outcome::kInvalid])},
               {"without a recipe or norm for it", std::to_string(counts[Minimized::Outcome::kNoBudget])},
               {"stored as recipes, not made again", std::to_string(counts[Minimized::Outcome::kNoWitness])},
               {"of another shape, class or oracle", std::to_string(counts[Minimized::Outcome::kIncompatible])}}));
  print("\n" + std::to_string(filed.added) + " new findings, each naming the one it was made from, " +
        std::to_string(filed.known) + " known before\n");
  if (counts[Minimized::Outcome::kNoWitness] > 0) {
    print("findings that are stored as recipes need the data they were made from: --data\n");
  }
  if (!figures.distance_ratios.empty()) {
    print("nearer: " + std::to_string(figures.distance_ratios.size()) + ", median distance " +
          three_digits(100 * distance) + " % of the old one\n");
  }
  if (figures.simpler > 0) {
    print("simpler recipes: " + std::to_string(figures.simpler) + ", median severity " + three_digits(100 * severity) +
          " % of the old one\n");
  }
}

int minimize_command(const MinimizeFlags& flags, const CommandContext& context) {
  Corpus corpus = Corpus::open(flags.corpus);
  std::vector<std::string> ids;
  for (const IndexedFinding& finding : selected_findings(corpus, flags.filter)) {
    ids.push_back(finding.id);
  }
  const std::shared_ptr<const TorchScriptModel> module = open_model(flags.model);
  const ModelPlan model = plan_model(flags.model);
  const RecipeData data(flags.data, context.registries);
  std::vector<Minimized> results;
  {
    ProgressLine line("minimize", "findings", "smaller");
    results = minimize(corpus, ids,
                       {.make_target = target_factory(module, model, context.stop),
                        .compared = {.others = {}, .twin = twin_factory(flags.model, model, context.stop)},
                        .mutators = context.registries.mutators,
                        .oracles = context.registries.oracles,
                        .recipes = data.recipes(),
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

void add_corpus_minimize(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<MinimizeFlags>();
  CLI::App* command =
      app.add_subcommand("minimize", "look for witnesses nearer to the clean input, or of simpler recipes");
  command->footer(
      "Examples:\n"
      "  faultline corpus minimize corpus --model model.pt\n"
      "  faultline corpus minimize corpus --model model.pt --finding 1a2b3c --json\n\n"
      "Where transforms made the witness (fuzz, --attack rotate), steps are dropped and made milder while the failure "
      "holds;\nelse --search looks for a witness nearer to the clean input, within the norm of the finding. What is "
      "found is a\nfinding of its own that names the one it was made from; nothing is replaced. `corpus gc` thins "
      "out.");
  add_corpus_argument(*command, flags->corpus);
  add_filter_flags(*command, flags->filter);
  add_model_flags(*command, flags->model, ModelPlace::kOption);
  add_data_flags(*command, flags->data, /*required=*/false);
  command->add_option("--search", flags->search, "attack that looks for nearer witnesses, where no transform made them")
      ->capture_default_str();
  add_workers_flag(*command, flags->workers);
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback(
      [flags, context] { context.chosen = [flags, context] { return minimize_command(*flags, context); }; });
}

}  // namespace faultline
