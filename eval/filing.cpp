#include "faultline/eval/filing.h"

#include <torch/version.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "faultline/core/error.h"
#include "faultline/data/safetensors.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/eval/evidence.h"
#include "faultline/eval/finding_batch.h"

namespace faultline {

namespace {

/// At least the distance, whose last bits depend on the order in which a machine adds up: twelve digits, rounded up.
double rounded_up(double distance) {
  constexpr double kAbove = 1 + 1e-11;  // more than rounding to the nearest takes away
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.11e", distance * kAbove);
  return std::strtod(text.data(), nullptr);
}

Failure failure_of(const SampleRow& row, const Plan& plan) {
  Failure failure{.label = row.label, .bounds = plan.data.options.bounds};
  failure.target = row.target;
  if (!row.oracle.text.empty()) {
    failure.oracle = row.oracle.text;
    failure.label_source = row.oracle.label_source;
  }
  if (!plan.attacks.at(static_cast<std::size_t>(row.attack)).transforms) {
    failure.budget = Budget{*plan.norm, plan.curve ? rounded_up(row.verdict.distance) : plan.epsilon};
  }
  return failure;
}

Discovery discovery_of(const SampleRow& row, const Plan& plan, const FilingSetup& setup) {
  const AttackPlan& attack = plan.attacks.at(static_cast<std::size_t>(row.attack));
  Discovery discovery{.line = setup.line,
                      .model = plan.model.sha256,
                      .classes = setup.classes,
                      .preprocessing = preprocessing_of(plan.model),
                      .data = plan.data.sha256,
                      .sample = row.id.index,
                      .attack = display_name(attack),
                      .options = values_of(attack.options),
                      .seed = plan.seed,
                      .faultline = version(),
                      .libtorch = TORCH_VERSION};
  discovery.clean_prediction = row.clean.prediction;
  discovery.clean_margin = row.clean.margin;
  discovery.prediction = row.verdict.prediction;
  discovery.margin = row.verdict.margin;
  discovery.confidence = row.verdict.confidence;
  discovery.distance = plan.norm ? row.verdict.distance : 0;
  discovery.recipe = row.recipe.is_null() ? "" : row.recipe.dump();
  discovery.logits = row.verdict.highest;
  discovery.date = today();
  return discovery;
}

}  // namespace

Preprocessing preprocessing_of(const ModelPlan& model) {
  return {model.output.value_or(""), model.binary, model.mean, model.std};
}

std::vector<NewFinding> findings_of(const ChunkResult& result, const Plan& plan, const FilingSetup& setup) {
  std::vector<NewFinding> findings;
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const SampleRow& row = result.rows[i];
    if (row.status == SampleRow::Status::kFound) {
      const auto place = static_cast<std::int64_t>(i);
      findings.push_back({make_finding(failure_of(row, plan), result.clean[place], result.witnesses[place]),
                          discovery_of(row, plan, setup)});
    }
  }
  return findings;
}

std::vector<NewFinding> findings_of(const SampleRow& row, const std::filesystem::path& witnesses, const Plan& plan,
                                    const FilingSetup& setup) {
  if (row.status != SampleRow::Status::kFound) {
    return {};
  }
  const Safetensors file = open_safetensors(witnesses / (row.witness + ".safetensors"));
  return {{make_finding(failure_of(row, plan), file.tensor("clean"), file.tensor("witness")),
           discovery_of(row, plan, setup)}};
}

Filing::Filing(Corpus corpus, FilingSetup setup)
    : corpus_(std::move(corpus)), setup_(std::move(setup)), next_(setup_.first) {
  const DamageObserver ignore = [](const std::string&) {};  // `corpus check` tells
  for (const std::string& id : setup_.keep > 0 ? corpus_.ids() : std::vector<std::string>{}) {
    try {
      if (const std::optional<StoredFacts> facts = corpus_.facts(id, ignore); facts && !facts->discoveries.empty()) {
        ++stored_[signature_of(facts->failure, first_of(facts->discoveries))];
        admitted_.insert(id);
      }
    } catch (const Error&) {
      continue;  // a damaged entry takes no room
    }
  }
}

void Filing::add(std::int64_t first, std::int64_t count, std::vector<NewFinding> findings) {
  if (setup_.keep == 0) {
    file(std::move(findings));
    return;
  }
  const std::lock_guard lock(order_mutex_);
  waiting_.emplace(first, Waiting{first + count, std::move(findings)});
  while (!waiting_.empty() && waiting_.begin()->first <= next_) {
    Waiting part = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    file(std::move(part.findings));
    next_ = std::max(next_, part.end);
  }
}

void Filing::file_waiting() {
  const std::lock_guard lock(order_mutex_);
  for (auto& [first, part] : std::exchange(waiting_, {})) {
    file(std::move(part.findings));
  }
}

FilingFigures Filing::figures() {
  const std::lock_guard lock(figures_mutex_);
  return figures_;
}

bool Filing::has_room(const NewFinding& candidate) {
  const std::string& id = candidate.finding.id;
  if (setup_.keep == 0 || admitted_.contains(id)) {
    return true;
  }
  std::int64_t& stored = stored_[signature_of(candidate.finding.failure, candidate.discovery)];
  if (stored >= setup_.keep) {
    return false;
  }
  ++stored;
  admitted_.insert(id);
  return true;
}

void Filing::file(std::vector<NewFinding> findings) {
  const std::size_t offered = findings.size();
  std::erase_if(findings, [&](const NewFinding& finding) { return !has_room(finding); });
  const Filed filed = corpus_.file(findings);
  const std::lock_guard lock(figures_mutex_);
  figures_.added += filed.added;
  figures_.known += filed.known;
  figures_.over_quota += static_cast<std::int64_t>(offered - findings.size());
}

}  // namespace faultline
