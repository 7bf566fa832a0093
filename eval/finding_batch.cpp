#include "faultline/eval/finding_batch.h"

#include <torch/version.h>

#include <algorithm>

#include "faultline/eval/evidence.h"

namespace faultline {

FindingKind kind_of(const Failure& failure) {
  return {.oracle = failure.oracle,
          .shape = failure.shape,
          .targeted = failure.target.has_value(),
          .norm = failure.budget ? std::optional(failure.budget->norm) : std::nullopt,
          .lower = failure.bounds.lower,
          .upper = failure.bounds.upper};
}

bool can_attack(const ConfiguredAttack& attack, const FindingKind& kind) {
  return kind.oracle == Failure{}.oracle && kind.norm &&
         std::ranges::find(attack.info.norms, *kind.norm) != attack.info.norms.end() &&
         (attack.info.targeted || !kind.targeted);
}

Batch batch_of(const std::vector<const Finding*>& findings, c10::Device device) {
  std::vector<Tensor> clean;
  std::vector<Tensor> witnesses;
  std::vector<std::int64_t> labels;
  for (const Finding* finding : findings) {
    clean.push_back(finding->clean);
    witnesses.push_back(finding->witness);
    labels.push_back(finding->failure.label);
  }
  const Tensor inputs = at::stack(clean);
  return {.inputs = inputs.to(device),
          .labels = at::tensor(labels, at::kLong).to(device),
          .ids = identify(inputs, 0),
          .starts = at::stack(witnesses).to(device)};
}

ThreatModel threat_of(const std::vector<const Finding*>& findings, c10::Device device) {
  const FindingKind kind = kind_of(findings.front()->failure);
  std::vector<double> epsilons;
  std::vector<std::int64_t> targets;
  for (const Finding* finding : findings) {
    epsilons.push_back(finding->failure.budget ? finding->failure.budget->epsilon : 0);
    targets.push_back(finding->failure.target.value_or(0));
  }
  return {.norm = kind.norm.value_or(Norm::kLinf),
          .epsilon = at::tensor(epsilons, at::kDouble).to(device),
          .bounds = {kind.lower, kind.upper},
          .targets = kind.targeted ? at::tensor(targets, at::kLong).to(device) : Tensor()};
}

bool fails(const Answer& answer) { return !answer.finite || answer.margin < -answer.tau; }

std::map<std::string, std::string> values_of(const std::vector<OptionInfo>& options) {
  std::map<std::string, std::string> values;
  for (const OptionInfo& option : options) {
    values[option.name] = option.value;
  }
  return values;
}

NewFinding follow_up(const StoredFinding& parent, const FollowUp& search, const Tensor& witness, const Answer& clean,
                     const Verdict& verdict) {
  // The data and the sample are those of the parent.
  Discovery discovery = parent.discoveries.empty() ? Discovery{} : first_of(parent.discoveries);
  discovery.line = search.line;
  discovery.model = search.model;
  discovery.classes = search.classes;
  discovery.preprocessing = search.preprocessing;
  discovery.attack = search.attack;
  discovery.options = search.options;
  discovery.recipe.clear();
  discovery.recipe_only = false;
  discovery.seed = search.seed;
  discovery.parents = {parent.finding.id};
  discovery.faultline = version();
  discovery.libtorch = TORCH_VERSION;
  discovery.clean_prediction = clean.prediction;
  discovery.clean_margin = clean.margin;
  discovery.prediction = verdict.prediction;
  discovery.margin = verdict.margin;
  discovery.confidence = verdict.confidence;
  discovery.distance = verdict.distance;
  discovery.logits = verdict.highest;
  discovery.date = today();
  return {make_finding(parent.finding.failure, parent.finding.clean, witness), std::move(discovery)};
}

}  // namespace faultline
