#include "faultline/eval/minimize_recipe.h"

#include <algorithm>

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

/// Every mutator that the recipes use, at any severity.
RecipeSpace space_of(const std::vector<RecipeParent>& parents, const MutatorRegistry& registry) {
  std::vector<AllowedMutator> allowed;
  for (const RecipeParent& parent : parents) {
    for (const RecipeStep& step : parent.recipe.steps) {
      const MutatorRegistry::Entry* entry = &registry.at(step.mutator);
      if (std::ranges::find(allowed, entry, &AllowedMutator::mutator) == allowed.end()) {
        allowed.push_back({entry});
      }
    }
  }
  const RecipeLimits no_limit{.validity = static_cast<int>(kMostRecipeSteps) * kSeverities};
  return RecipeSpace(allowed, parents.front().stored->finding.failure.shape, no_limit);
}

}  // namespace

bool has_severity(const RecipeParent& parent, const MutatorRegistry& mutators) {
  return space_of({parent}, mutators).contains(parent.recipe);
}

RecipeSearch::RecipeSearch(TargetStack& target, const std::vector<RecipeParent>& parents,
                           const std::vector<ConfiguredOracle>& oracles, std::int64_t classes,
                           const MinimizeSetup& setup)
    : target_(target),
      parents_(parents),
      oracles_(oracles),
      classes_(classes),
      setup_(setup),
      batch_(batch_of(findings_of(parents), setup.device)),
      clean_(batch_.inputs.cpu().contiguous()),
      bounds_(parents.front().stored->finding.failure.bounds),
      space_(space_of(parents, setup.mutators)) {
  const Tensor outputs = target.padded_for(oracles).logits(batch_.inputs).cpu();
  judge_ = std::make_unique<OracleJudge>(oracles, batch_, outputs, target);
  margins_ = judge_->slack(at::arange(batch_.size(), at::kLong), batch_.inputs, outputs).values.contiguous();
  const std::optional<Budget>& budget = parents.front().stored->finding.failure.budget;
  task_ = std::make_unique<FuzzTask>(FuzzTask{.seeds = batch_,
                                              .clean = clean_,
                                              .margins = margins_,
                                              .bounds = bounds_,
                                              .space = space_,
                                              .judge = *judge_,
                                              .gradients = no_gradients_,
                                              .norm = budget ? std::optional(budget->norm) : std::nullopt,
                                              .epsilon = budget ? budget->epsilon : 0});
}

std::vector<FuzzInput> RecipeSearch::first_inputs() const {
  std::vector<FuzzInput> inputs;
  for (std::size_t i = 0; i < parents_.size(); ++i) {
    inputs.push_back({.seed = static_cast<std::int64_t>(i), .recipe = parents_[i].recipe});
  }
  return inputs;
}

Minimized RecipeSearch::before(std::size_t place, const Answer& clean, const Screened& now) const {
  Minimized result{.id = parents_[place].stored->finding.id, .by_recipe = true};
  result.before = result.after = now.severity;
  if (!clean.finite || clean.margin < -clean.tau) {
    result.outcome = Minimized::Outcome::kInvalid;
  } else if (!now.failed()) {
    result.outcome = Minimized::Outcome::kPasses;
  }
  return result;
}

std::vector<Minimized> RecipeSearch::run() {
  const Screener screener(*task_, target_.padded_for(oracles_));
  const std::vector<Answer> clean =
      ask(target_.padded_for(oracles_), batch_.inputs, *judge_, at::arange(batch_.size(), at::kLong));
  const std::vector<Screened> now = screener.screen(first_inputs());
  std::vector<Minimized> results;
  std::vector<FuzzFailure> failures;
  for (std::size_t i = 0; i < parents_.size(); ++i) {
    results.push_back(before(i, clean[i], now[i]));
    if (results[i].outcome == Minimized::Outcome::kSmallest) {
      failures.push_back({now[i], parents_[i].stored->finding.failure.label});
    }
  }
  const auto screen = [&](const std::vector<FuzzInput>& inputs) { return screener.screen(inputs); };
  std::vector<FuzzFailure> simpler =
      minimised(std::move(failures), space_, [this] { return setup_.stop.load(); }, screen).failures;
  std::erase_if(simpler, [this](const FuzzFailure& failure) {
    return failure.screened.input.recipe == parents_[static_cast<std::size_t>(failure.screened.input.seed)].recipe;
  });
  verify_smaller(simpler, clean, results);
  return results;
}

void RecipeSearch::verify_smaller(const std::vector<FuzzFailure>& simpler, const std::vector<Answer>& clean,
                                  std::vector<Minimized>& results) {
  if (simpler.empty()) {
    return;
  }
  std::vector<FuzzInput> inputs;
  for (const FuzzFailure& failure : simpler) {
    inputs.push_back(failure.screened.input);
  }
  const VerifiedInputs verified = verify_inputs(inputs, *task_, oracles_, target_);
  for (std::size_t k = 0; k < simpler.size(); ++k) {
    if (verified.verdicts[k].judgement == Judgement::kAccepted) {
      const auto place = static_cast<std::size_t>(inputs[k].seed);
      results[place].outcome = Minimized::Outcome::kSmaller;
      results[place].after = simpler[k].screened.severity;
      results[place].found =
          found(simpler[k], clean[place], verified.verdicts[k], verified.witnesses[static_cast<std::int64_t>(k)]);
    }
  }
}

NewFinding RecipeSearch::found(const FuzzFailure& failure, const Answer& clean, const Verdict& verdict,
                               const Tensor& witness) const {
  const Screened& one = failure.screened;
  const RecipeParent& parent = parents_[static_cast<std::size_t>(one.input.seed)];
  const std::string attack =
      "minimize " + mutators_text(one.input.recipe) + " severity " + std::to_string(one.severity);
  const FollowUp search{.line = setup_.line,
                        .model = setup_.model,
                        .preprocessing = setup_.preprocessing,
                        .classes = classes_,
                        .attack = attack,
                        .seed = setup_.seed};
  NewFinding result = follow_up(*parent.stored, search, witness, clean, verdict);
  result.discovery.recipe = recipe_json(one.input.recipe, space_.mutators_of(one.input.recipe)).dump();
  result.discovery.recipe_only = parent.recipe_only;
  if (result.finding.id == parent.stored->finding.id) {
    result.discovery.parents.clear();  // the same witness by a simpler recipe
  }
  return result;
}

}  // namespace faultline
