#include "faultline/eval/contract_run.h"

#include <algorithm>

#include "faultline/eval/document.h"
#include "faultline/eval/evidence.h"

namespace faultline {

namespace {

ContractVerdict verdict_of(const ContractCase& broken, const OutsideLook& look, const Tensor& input) {
  if (breaks_contract(look, input)) {
    return ContractVerdict::kFinding;
  }
  const bool answered = look.end == OutsideEnd::kAnswered;
  if (broken.sound) {
    return answered ? ContractVerdict::kKept : ContractVerdict::kRefused;
  }
  return answered ? ContractVerdict::kSilent : ContractVerdict::kKept;
}

}  // namespace

std::string name_of(ContractVerdict verdict) {
  switch (verdict) {
    case ContractVerdict::kKept:
      return "kept";
    case ContractVerdict::kSilent:
      return "silent answer";
    case ContractVerdict::kRefused:
      return "sound input refused";
    case ContractVerdict::kFinding:
      return "finding";
  }
  return "?";
}

std::string name_of(OutsideEnd end) {
  switch (end) {
    case OutsideEnd::kAnswered:
      return "answered";
    case OutsideEnd::kNotFinite:
      return "not finite";
    case OutsideEnd::kRefused:
      return "refused";
    case OutsideEnd::kOutOfMemory:
      return "out of memory";
    case OutsideEnd::kDied:
      return "process death";
    case OutsideEnd::kHung:
      return "hang";
  }
  return "?";
}

std::vector<ContractRow> run_contract(ScoreTarget& target, const Tensor& sample, const Bounds& bounds,
                                      const ContractSetup& setup) {
  std::vector<ContractRow> rows;
  Progress progress{.total = std::ssize(contract_cases())};
  for (const ContractCase& broken : contract_cases()) {
    if (setup.stop) {
      break;
    }
    const Tensor input = broken.input(sample, bounds);
    if (input.defined()) {
      OutsideLook look = look_from_outside(target, input.to(setup.device), setup.limits);
      const ContractVerdict verdict = verdict_of(broken, look, input);
      progress.errors += verdict == ContractVerdict::kFinding ? 1 : 0;
      rows.push_back({&broken, std::move(look), verdict});
    }
    ++progress.done;
    if (setup.progress) {
      setup.progress(progress);
    }
  }
  return rows;
}

std::vector<NewFinding> contract_findings(const std::vector<ContractRow>& rows, const FuzzProvenance& provenance) {
  std::vector<NewFinding> findings;
  const FuzzSeeds& seeds = provenance.seeds;
  for (const ContractRow& row : rows) {
    if (row.verdict != ContractVerdict::kFinding) {
      continue;
    }
    const Failure failure{.oracle = oracle_of(*row.broken),
                          .label = seeds.batch.labels[0].item<std::int64_t>(),
                          .bounds = provenance.plan.data.options.bounds};
    // The clean input stands for what is made from it, whatever its shape and type.
    NewFinding finding{make_finding(failure, seeds.clean[0], seeds.clean[0]), discovery_from(provenance, 0)};
    finding.discovery.attack = "fuzz contract " + row.broken->name + ": " + name_of(row.look.end);
    findings.push_back(std::move(finding));
  }
  return findings;
}

Json summary_json(const FuzzPlan& plan, const ContractSummary& summary) {
  Json json{{"schema", "faultline.contract/1"}, {"faultline", version()}};
  json["model"] = model_fields(plan.model);
  json["data"] = data_fields(plan.data);
  json["sample"] = summary.sample;
  const auto count = [&](ContractVerdict verdict) {
    return std::ranges::count(summary.rows, verdict, &ContractRow::verdict);
  };
  json["findings"] = count(ContractVerdict::kFinding);
  json["silent_answers"] = count(ContractVerdict::kSilent);
  json["sound_inputs_refused"] = count(ContractVerdict::kRefused);
  json["cases"] = Json::array();
  for (const ContractRow& row : summary.rows) {
    json["cases"].push_back({{"name", row.broken->name},
                             {"input", row.broken->sentence},
                             {"sound", row.broken->sound},
                             {"outcome", name_of(row.look.end)},
                             {"verdict", name_of(row.verdict)},
                             {"message", row.look.message}});
  }
  json["corpus"] = summary.corpus.empty()
                       ? Json(nullptr)
                       : Json{{"path", summary.corpus}, {"added", summary.filed.added}, {"known", summary.filed.known}};
  json["warnings"] = warnings_json(summary.warnings);
  return json;
}

}  // namespace faultline
