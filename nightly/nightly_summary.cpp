#include "faultline/nightly/nightly_summary.h"

#include <algorithm>
#include <map>

#include "faultline/core/error.h"
#include "faultline/eval/evidence.h"
#include "faultline/nightly/plan_change.h"

namespace faultline {

namespace {

/// Whether a limit of the command itself failed, such as fail-on, and no gate judges that.
bool fails_by_itself(const StageResult& stage, const PlanFile& plan) {
  const bool judged = std::ranges::any_of(plan.gates, [&](const Gate& gate) {
    return gate.stage == stage.run.stage->name && gate.kind == Gate::Kind::kCorpusMustPass &&
           (gate.model.empty() || gate.model == stage.run.model->name);
  });
  return stage.exit_code == 1 && !judged;
}

int exit_code_of(const NightlySummary& summary) {
  constexpr int kInternal = 3;
  constexpr int kNothingRan = static_cast<int>(ErrorCode::kNothingRan);
  if (!summary.notes.empty()) {
    return 1;
  }
  const int gates = exit_code_of(summary.gates);
  const auto unfinished = [](const StageResult& stage) { return stage.document.is_null(); };
  if (gates != 0 || std::ranges::none_of(summary.stages, unfinished)) {
    return gates;
  }
  const auto ended_with = [&](int code) {
    return std::ranges::find(summary.stages, code, &StageResult::exit_code) != summary.stages.end();
  };
  constexpr int kUsage = static_cast<int>(ErrorCode::kUsage);
  return ended_with(kNothingRan) ? kNothingRan : ended_with(kUsage) ? kUsage : kInternal;
}

/// Stages on as many samples from the same place that were not on the same data; nothing when there are none.
std::string changed_data(const PlanFile& plan, const std::vector<StageResult>& stages) {
  std::map<std::string, std::pair<std::string, std::string>> seen;  // samples and place: SHA-256 and stage
  for (const StageResult& stage : stages) {
    const Json data = stage.document.is_object() ? stage.document.value("data", Json()) : Json();
    if (!data.is_object() || stage.run.stage->kind == "replay") {
      continue;
    }
    const std::string place = data.value("samples", Json()).dump() + " from " +
                              setting_value(settings_of(plan, stage.run), "offset").value_or("0");
    const auto [known, is_new] = seen.try_emplace(place, data.value("sha256", ""), stage.run.id);
    if (!is_new && known->second.first != data.value("sha256", "")) {
      return "the data changed during the run: stages " + known->second.second + " and " + stage.run.id +
             " saw other bytes";
    }
  }
  return "";
}

Json gate_json(const GateResult& result, const PlanFile& plan) {
  const Gate& gate = *result.gate;
  constexpr const char* kLevels[] = {"fail", "warn", "info"};
  Json json{{"name", gate.name},
            {"stage", gate.stage},
            {"model", result.model},
            {"level", kLevels[static_cast<std::size_t>(gate.level)]},
            {"outcome", name_of(result.outcome)},
            {"fails", fails(result)},
            {"reason", result.reason},
            {"place", plan.path.filename().string() + ":" + std::to_string(gate.line)}};
  json["measured"] = result.measured ? measure_json(*result.measured) : Json();
  return json;
}

Json stage_json(const StageResult& result) {
  Json json{{"id", result.run.id},
            {"name", result.run.stage->name},
            {"kind", result.run.stage->kind},
            {"model", result.run.model->name}};
  json["finished"] = !result.document.is_null();
  if (result.document.is_null()) {
    json["problem"] = result.problem;
  }
  json["setting"] = result.comparable.setting;
  json["measures"] = Json::object();
  for (const auto& [name, measure] : result.comparable.measures) {
    json["measures"][name] = measure_json(measure);
  }
  json["document"] = result.document;
  return json;
}

std::ptrdiff_t count_failing(const NightlySummary& summary) { return std::ranges::count_if(summary.gates, fails); }

}  // namespace

NightlySummary summarise(const PlanFile& plan, std::vector<StageResult> stages, Baseline baseline) {
  NightlySummary summary{.plan = plan, .stages = std::move(stages), .baseline = std::move(baseline)};
  summary.gates = judge_gates(plan, summary.stages, summary.baseline);
  for (const StageResult& stage : summary.stages) {
    if (fails_by_itself(stage, plan)) {
      summary.notes.push_back("stage " + stage.run.id + " failed by a limit of its own (fail-on, fail-under)");
    }
  }
  if (const std::string changed = changed_data(plan, summary.stages); !changed.empty()) {
    summary.notes.push_back(changed);
  }
  summary.exit_code = exit_code_of(summary);
  return summary;
}

std::string verdict_of(const NightlySummary& summary) {
  constexpr int kInconclusive = 7;
  if (summary.exit_code == 0) {
    return "passed";
  }
  return summary.exit_code == kInconclusive ? "inconclusive" : "failed";
}

std::string sentence_of(const NightlySummary& summary) {
  const auto failing = count_failing(summary);
  const auto unfinished =
      std::ranges::count_if(summary.stages, [](const StageResult& stage) { return stage.document.is_null(); });
  const std::string all = std::to_string(summary.gates.size());
  if (unfinished > 0) {
    return std::to_string(unfinished) + " of " + std::to_string(summary.stages.size()) +
           " stages did not finish, so the run says nothing about what " + (unfinished == 1 ? "it" : "they") +
           " should have measured.";
  }
  if (!summary.notes.empty() && summary.exit_code != 0) {
    return on_one_line(summary.notes.front()) + ".";
  }
  if (summary.gates.empty()) {
    return "The plan has no gates: everything was measured, nothing was judged.";
  }
  const auto kept = std::ranges::count(summary.gates, GateResult::Outcome::kPassed, &GateResult::outcome);
  if (failing == 0 && kept < std::ssize(summary.gates)) {
    return std::to_string(kept) + " of " + all + " limits of the plan are kept; the others decide nothing.";
  }
  if (failing == 0) {
    return kept == 1 ? "The plan's only limit is kept." : "All " + all + " limits of the plan are kept.";
  }
  const std::string verb = verdict_of(summary) == "inconclusive" ? " cannot be decided with so few samples."
                           : failing == 1                        ? " is not kept."
                                                                 : " are not kept.";
  return std::to_string(failing) + " of " + all + (summary.gates.size() == 1 ? " limit" : " limits") + verb;
}

Json nightly_json(const NightlySummary& summary) {
  Json json{{"schema", "faultline.nightly/1"}, {"faultline", version()}};
  json["plan"] = {{"path", summary.plan.path.string()}, {"sha256", summary.plan.sha256}, {"goal", summary.plan.goal}};
  json["changes"] = changes_json(summary.plan.changes);
  json["begun"] = summary.begun;
  json["ended"] = summary.ended;
  json["verdict"] = verdict_of(summary);
  json["sentence"] = sentence_of(summary);
  json["exit_code"] = summary.exit_code;
  json["gates"] = Json::array();
  for (const GateResult& gate : summary.gates) {
    json["gates"].push_back(gate_json(gate, summary.plan));
  }
  json["notes"] = summary.notes;
  json["stages"] = Json::array();
  for (const StageResult& stage : summary.stages) {
    json["stages"].push_back(stage_json(stage));
  }
  return json;
}

}  // namespace faultline
