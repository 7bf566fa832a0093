#include "faultline/eval/fuzz_findings.h"

#include <torch/version.h>

#include <algorithm>

#include "faultline/core/distance.h"
#include "faultline/eval/evidence.h"
#include "faultline/eval/filing.h"
#include "faultline/eval/recipe_json.h"

namespace faultline {

namespace {

constexpr std::size_t kVerifiedAtOnce = 128;

bool ends_its_process(const FuzzFailure& failure) { return failure.screened.oracle >= kProcessDeathOracle; }

Failure failure_of(const FuzzFailure& failure, const FuzzProvenance& from) {
  Failure result{.label = failure.label, .bounds = from.plan.data.options.bounds};
  const std::int64_t oracle = failure.screened.oracle;
  if (ends_its_process(failure)) {
    result.oracle = oracle == kHangOracle ? kHangOracleName : kProcessDeathOracleName;
  } else {
    const ConfiguredOracle& failed = from.oracles.at(static_cast<std::size_t>(oracle));
    result.oracle = failed.text();
    result.label_source = failed.found_label_source();
  }
  if (from.plan.norm) {
    result.budget = Budget{*from.plan.norm, from.plan.epsilon};
  }
  return result;
}

Json recipe_of(const FuzzFailure& failure, const FuzzTask& task, const FuzzProvenance& from) {
  const Recipe& made = failure.screened.input.recipe;
  Json recipe = recipe_json(made, task.space.mutators_of(made));
  name_model(recipe, from.plan.model.sha256);
  return recipe;
}

Discovery discovery_of(const FuzzFailure& failure, const FuzzTask& task, const FuzzProvenance& from) {
  const Screened& one = failure.screened;
  Discovery discovery = discovery_from(from, one.input.seed);
  discovery.attack = "fuzz " + mutators_text(one.input.recipe) + " severity " + std::to_string(one.severity);
  discovery.options = {{"engine", name_of(from.plan.engine)}};
  discovery.recipe = recipe_of(failure, task, from).dump();
  discovery.prediction = one.prediction;
  discovery.margin = one.slack;
  discovery.confidence = one.confidence;
  discovery.distance = one.distance;
  return discovery;
}

NewFinding finding_of(const FuzzFailure& failure, const Tensor& witness, const FuzzTask& task,
                      const FuzzProvenance& from) {
  return {make_finding(failure_of(failure, from), task.clean[failure.screened.input.seed], witness),
          discovery_of(failure, task, from)};
}

/// Failures that the model answers, as many as fit a forward.
void verify_answered(std::span<VerifiedFailure> part, const FuzzTask& task, const FuzzProvenance& from,
                     TargetStack& target) {
  std::vector<FuzzInput> inputs;
  for (const VerifiedFailure& one : part) {
    inputs.push_back(one.failure.screened.input);
  }
  const VerifiedInputs verified =
      verify_inputs(inputs, task, target.padded_for(from.oracles), target.plain_for(from.oracles));
  for (std::size_t i = 0; i < part.size(); ++i) {
    VerifiedFailure& one = part[i];
    const Verdict& verdict = verified.verdicts[i];
    one.judgement = verdict.judgement;
    if (one.judgement != Judgement::kAccepted) {
      continue;
    }
    one.finding = finding_of(one.failure, verified.witnesses[static_cast<std::int64_t>(i)], task, from);
    one.finding.discovery.margin = verdict.margin;
    one.finding.discovery.confidence = verdict.confidence;
    one.finding.discovery.prediction = verdict.prediction;
    one.finding.discovery.logits = verdict.highest;
    one.finding.discovery.distance = verdict.distance;
  }
}

/// Without the steps that its death does not need; each look at one that hangs costs time.
void drop_steps(Screened& one, Death death, const FuzzTask& task, const DiesCheck& dies) {
  for (std::size_t i = 0; i < one.input.recipe.steps.size();) {
    FuzzInput fewer = one.input;
    fewer.recipe.steps.erase(fewer.recipe.steps.begin() + static_cast<std::ptrdiff_t>(i));
    if (dies(fewer) == death) {
      one.input = std::move(fewer);
    } else {
      ++i;
    }
  }
  one.severity = task.space.severity(one.input.recipe);
}

void verify_deadly(VerifiedFailure& one, const FuzzTask& task, const FuzzProvenance& from, const DiesCheck& dies) {
  Screened& failure = one.failure.screened;
  if (const std::optional<Death> death = dies(failure.input)) {
    if (from.plan.minimise) {
      drop_steps(failure, *death, task, dies);
    }
    one.judgement = Judgement::kAccepted;
    one.finding = finding_of(one.failure, task.render({failure.input})[0], task, from);
  }
}

}  // namespace

VerifiedInputs verify_inputs(const std::vector<FuzzInput>& inputs, const FuzzTask& task, ScoreTarget& target,
                             ScoreTarget& single) {
  std::vector<std::int64_t> seeds;
  for (const FuzzInput& input : inputs) {
    seeds.push_back(input.seed);
  }
  const Tensor rows = at::tensor(seeds, at::kLong);
  VerifiedInputs verified{.witnesses = task.render(inputs)};
  const Norm norm = task.norm.value_or(Norm::kL2);
  const Tensor distances = distance(verified.witnesses, task.clean.index_select(0, rows), norm);
  Tensor legal = inside_bounds(verified.witnesses, task.bounds);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto place = static_cast<std::int64_t>(i);
    const bool in_budget = !task.norm || distances[place].item<double>() <= task.epsilon;
    legal[place] = legal[place].item<bool>() && in_budget && task.space.contains(inputs[i].recipe);
  }
  verified.verdicts =
      verify(target, single, task.judge, {verified.witnesses.to(task.seeds.inputs.device()), rows, distances, legal});
  return verified;
}

Discovery discovery_from(const FuzzProvenance& from, std::int64_t seed) {
  const auto place = static_cast<std::size_t>(seed);
  Discovery discovery{.line = from.line,
                      .model = from.plan.model.sha256,
                      .classes = from.classes,
                      .preprocessing = preprocessing_of(from.plan.model),
                      .data = from.plan.data.sha256,
                      .sample = from.seeds.batch.ids[place].index,
                      .recipe_only = from.plan.recipe_only,
                      .seed = from.plan.seed,
                      .faultline = version(),
                      .libtorch = TORCH_VERSION};
  discovery.clean_prediction = from.seeds.verdicts[place].prediction;
  discovery.clean_margin = from.seeds.verdicts[place].margin;
  discovery.date = today();
  return discovery;
}

std::vector<VerifiedFailure> verify_failures(const std::vector<FuzzFailure>& failures, const FuzzTask& task,
                                             const FuzzProvenance& provenance, TargetStack& target,
                                             const DiesCheck& dies) {
  std::vector<VerifiedFailure> verified;
  for (const FuzzFailure& failure : failures) {
    verified.push_back({.failure = failure});
  }
  // Those that the model answers first, in one stretch.
  const auto deadly = std::stable_partition(verified.begin(), verified.end(),
                                            [](const VerifiedFailure& one) { return !ends_its_process(one.failure); });
  const std::span<VerifiedFailure> answered(verified.begin(), deadly);
  for (std::size_t begin = 0; begin < answered.size(); begin += kVerifiedAtOnce) {
    verify_answered(answered.subspan(begin, std::min(kVerifiedAtOnce, answered.size() - begin)), task, provenance,
                    target);
  }
  for (auto one = deadly; one != verified.end(); ++one) {
    verify_deadly(*one, task, provenance, dies);
  }
  return verified;
}

}  // namespace faultline
