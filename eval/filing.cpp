#include "faultline/eval/filing.h"

#include <torch/version.h>

#include "faultline/core/error.h"
#include "faultline/data/safetensors.h"
#include "faultline/eval/evidence.h"

namespace faultline {

namespace {

Failure failure_of(const SampleRow& row, const Plan& plan) {
  Failure failure{.label = row.label, .bounds = plan.data.options.bounds};
  failure.target = row.target;
  // A hair above the distance, whose last bits depend on the order in which a machine adds up.
  constexpr double kAbove = 1 + 0x1p-40;
  failure.budget = Budget{plan.norm, plan.curve ? row.verdict.distance * kAbove : plan.epsilon};
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
                      .attack = attack.name,
                      .seed = plan.seed,
                      .faultline = version(),
                      .libtorch = TORCH_VERSION};
  for (const OptionInfo& option : attack.options) {
    discovery.options[option.name] = option.value;
  }
  discovery.clean_prediction = row.clean.prediction;
  discovery.clean_margin = row.clean.margin;
  discovery.prediction = row.verdict.prediction;
  discovery.margin = row.verdict.margin;
  discovery.confidence = row.verdict.confidence;
  discovery.distance = row.verdict.distance;
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

std::vector<NewFinding> findings_of(const std::vector<SampleRow>& rows, const std::filesystem::path& witnesses,
                                    const Plan& plan, const FilingSetup& setup) {
  std::vector<NewFinding> findings;
  for (const SampleRow& row : rows) {
    if (row.status == SampleRow::Status::kFound) {
      const Safetensors file = open_safetensors(witnesses / (row.witness + ".safetensors"));
      findings.push_back({make_finding(failure_of(row, plan), file.tensor("clean"), file.tensor("witness")),
                          discovery_of(row, plan, setup)});
    }
  }
  return findings;
}

Filing::Filing(Corpus corpus, FilingSetup setup) : corpus_(std::move(corpus)), setup_(std::move(setup)) {
  const DamageObserver ignore = [](const std::string&) {};  // `corpus check` tells
  for (const std::string& id : setup_.keep > 0 ? corpus_.ids() : std::vector<std::string>{}) {
    try {
      if (const std::optional<StoredFacts> facts = corpus_.facts(id, ignore); facts && !facts->discoveries.empty()) {
        ++stored_[signature_of(facts->failure.oracle, facts->failure.label, facts->discoveries.front())];
      }
    } catch (const Error&) {
      continue;  // a damaged entry takes no room
    }
  }
}

void Filing::add(std::size_t place, std::vector<NewFinding> findings) {
  if (setup_.keep == 0) {
    file(std::move(findings));
    return;
  }
  const std::lock_guard lock(order_mutex_);
  waiting_.emplace(place, std::move(findings));
  for (auto next = waiting_.find(next_); next != waiting_.end(); next = waiting_.find(++next_)) {
    file(std::move(next->second));
    waiting_.erase(next);
  }
}

FilingFigures Filing::finish() {
  for (auto& [place, findings] : std::exchange(waiting_, {})) {
    file(std::move(findings));
  }
  return figures_;
}

bool Filing::has_room(const NewFinding& candidate) {
  const std::string& id = candidate.finding.id;
  if (setup_.keep == 0 || admitted_.contains(id) || corpus_.contains(id)) {
    return true;
  }
  const Failure& failure = candidate.finding.failure;
  std::int64_t& stored = stored_[signature_of(failure.oracle, failure.label, candidate.discovery)];
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
