#include "faultline/eval/minimize_recipe.h"

#include <algorithm>
#include <cmath>

#include "faultline/core/error.h"
#include "faultline/eval/finding_batch.h"
#include "faultline/eval/fuzz_findings.h"
#include "faultline/eval/recipe_json.h"
#include "faultline/fuzz/minimise_recipe.h"

namespace faultline {

namespace {

std::vector<const Finding*> findings_of(const std::vector<RecipeParent>& parents) {
  std::vector<const Finding*> findings;
  for (const RecipeParent& parent : parents) {
    findings.push_back(&parent.stored->finding);
  }
  return findings;
}

std::vector<Recipe> recipes_of(const std::vector<RecipeParent>& parents) {
  std::vector<Recipe> recipes;
  for (const RecipeParent& parent : parents) {
    recipes.push_back(parent.recipe);
  }
  return recipes;
}

/// Every mutator that the recipes use, at any severity. Throws Error (kUsage) when none takes inputs of that shape.
RecipeSpace space_around(const std::vector<Recipe>& recipes, const std::vector<std::int64_t>& shape,
                         const MutatorRegistry& registry) {
  std::vector<AllowedMutator> allowed;
  for (const Recipe& recipe : recipes) {
    for (const RecipeStep& step : recipe.steps) {
      const MutatorRegistry::Entry* entry = &registry.at(step.mutator);
      if (std::ranges::find(allowed, entry, &AllowedMutator::mutator) == allowed.end()) {
        allowed.push_back({entry});
      }
    }
  }
  return {allowed, shape, {.validity = static_cast<int>(kMostRecipeSteps) * kSeverities}};
}

bool differ_by_rounding(const RecipeStep& a, const RecipeStep& b) {
  constexpr double kRounding = 1e-6;  // of the value: recipes of attacks hold float64 numbers
  return a.mutator == b.mutator && std::ranges::equal(a.values, b.values, [](double x, double y) {
           return std::abs(x - y) <= kRounding * std::max(1.0, std::abs(x));
         });
}

/// The recipe inside the space, where only rounding takes it there.
std::optional<Recipe> rounded(const Recipe& recipe, const RecipeSpace& space) {
  Recipe inside = recipe;
  space.clip(inside);
  return std::ranges::equal(recipe.steps, inside.steps, differ_by_rounding) ? std::optional(inside) : std::nullopt;
}

}  // namespace

std::optional<Recipe> recipe_to_minimize(const StoredFinding& stored, const MutatorRegistry& mutators) {
  const Finding& finding = stored.finding;
  std::optional<Recipe> shortest;
  for (const Discovery& discovery : stored.discoveries) {
    try {
      const Recipe recipe = recipe_of(discovery, mutators);
      if (recipe.steps.empty() || (shortest && shortest->steps.size() <= recipe.steps.size())) {
        continue;
      }
      std::optional<Recipe> inside = rounded(recipe, space_around({recipe}, finding.failure.shape, mutators));
      if (inside && at::equal(witness_by(recipe, finding.failure, finding.clean, mutators), finding.witness)) {
        shortest = std::move(inside);
      }
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUsage) {
        throw;
      }
    }
  }
  return shortest;
}

RecipeSearch::RecipeSearch(TargetStack& target, const std::vector<RecipeParent>& parents,
                           const std::vector<ConfiguredOracle>& oracles, std::int64_t classes,
                           const MinimizeSetup& setup)
    : target_(target),
      parents_(parents),
      classes_(classes),
      setup_(setup),
      batch_(batch_of(findings_of(parents), setup.device)),
      clean_inputs_(batch_.inputs.cpu().contiguous()),
      bounds_(parents.front().stored->finding.failure.bounds),
      space_(space_around(recipes_of(parents), parents.front().stored->finding.failure.shape, setup.mutators)) {
  const Tensor outputs = target.catching_padded().logits(batch_.inputs).cpu();
  judge_ = std::make_unique<OracleJudge>(oracles, batch_, outputs, target);
  const Tensor rows = at::arange(batch_.size(), at::kLong);
  clean_ = ask(target.catching_padded(), batch_.inputs, *judge_, rows);
  margins_ = judge_->slack(rows, batch_.inputs, outputs).values.contiguous();
  const std::optional<Budget>& budget = parents.front().stored->finding.failure.budget;
  task_ = std::make_unique<FuzzTask>(FuzzTask{.seeds = batch_,
                                              .clean = clean_inputs_,
                                              .margins = margins_,
                                              .bounds = bounds_,
                                              .space = space_,
                                              .judge = *judge_,
                                              .gradients = no_gradients_,
                                              .norm = budget ? std::optional(budget->norm) : std::nullopt,
                                              .epsilon = budget ? budget->epsilon : 0});
}

std::vector<Screened> RecipeSearch::screened_parents(const Screener& screener) const {
  std::vector<FuzzInput> inputs;
  for (std::size_t i = 0; i < parents_.size(); ++i) {
    inputs.push_back({.seed = static_cast<std::int64_t>(i), .recipe = parents_[i].recipe});
  }
  return screener.screen(std::move(inputs));
}

std::vector<Minimized> RecipeSearch::before(const std::vector<Screened>& now) {
  const std::vector<Answer> witnesses =
      ask(target_.catching_padded(), batch_.starts, *judge_, at::arange(batch_.size(), at::kLong));
  std::vector<Minimized> results;
  for (std::size_t i = 0; i < parents_.size(); ++i) {
    const auto severity = static_cast<double>(now[i].severity);
    Minimized result{.id = parents_[i].stored->finding.id, .by_recipe = true, .before = severity, .after = severity};
    if (fails(clean_[i])) {
      result.outcome = Minimized::Outcome::kInvalid;
    } else if (!fails(witnesses[i])) {
      result.outcome = Minimized::Outcome::kPasses;
    }
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<Minimized> RecipeSearch::run() {
  const Screener screener(*task_, target_.catching_padded());
  const std::vector<Screened> now = screened_parents(screener);
  std::vector<Minimized> results = before(now);
  std::vector<FuzzFailure> failures;
  for (std::size_t i = 0; i < parents_.size(); ++i) {
    if (results[i].outcome == Minimized::Outcome::kSmallest && now[i].failed()) {
      failures.push_back({now[i], parents_[i].stored->finding.failure.label});
    }
  }
  const auto stop = [this] { return setup_.stop.load(); };
  const auto screen = [&](const std::vector<FuzzInput>& inputs) { return screener.screen(inputs); };
  verify_simpler(minimised(std::move(failures), space_, stop, screen).failures, results);
  return results;
}

void RecipeSearch::verify_simpler(std::vector<FuzzFailure> simpler, std::vector<Minimized>& results) {
  std::erase_if(simpler, [this](const FuzzFailure& failure) {
    const FuzzInput& input = failure.screened.input;
    return input.recipe == parents_[static_cast<std::size_t>(input.seed)].recipe;
  });
  if (simpler.empty()) {
    return;
  }
  std::vector<FuzzInput> inputs;
  for (const FuzzFailure& failure : simpler) {
    inputs.push_back(failure.screened.input);
  }
  const VerifiedInputs verified = verify_inputs(inputs, *task_, target_.catching_padded(), target_.catching_plain());
  for (std::size_t k = 0; k < simpler.size(); ++k) {
    Minimized& result = results[static_cast<std::size_t>(inputs[k].seed)];
    if (verified.verdicts[k].judgement != Judgement::kAccepted) {
      continue;
    }
    NewFinding smaller =
        found(simpler[k].screened, verified.verdicts[k], verified.witnesses[static_cast<std::int64_t>(k)]);
    if (smaller.finding.id != result.id) {  // else it is the same witness, by another recipe
      result.outcome = Minimized::Outcome::kSmaller;
      result.after = simpler[k].screened.severity;
      result.found = std::move(smaller);
    }
  }
}

NewFinding RecipeSearch::found(const Screened& simpler, const Verdict& verdict, const Tensor& witness) const {
  const auto place = static_cast<std::size_t>(simpler.input.seed);
  const RecipeParent& parent = parents_[place];
  const Recipe& recipe = simpler.input.recipe;
  const FollowUp search{.line = setup_.line,
                        .model = setup_.model,
                        .preprocessing = setup_.preprocessing,
                        .classes = classes_,
                        .attack = "minimize " + mutators_text(recipe) + " severity " + std::to_string(simpler.severity),
                        .seed = setup_.seed};
  NewFinding result = follow_up(*parent.stored, search, witness, clean_[place], verdict);
  result.discovery.recipe = recipe_json(recipe, space_.mutators_of(recipe)).dump();
  if (parent.made_from != nullptr) {
    result.discovery.recipe_only = true;
    result.discovery.data = parent.made_from->data;
    result.discovery.sample = parent.made_from->sample;
  }
  return result;
}

}  // namespace faultline
