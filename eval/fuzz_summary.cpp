#include "faultline/eval/fuzz_summary.h"

#include "faultline/eval/document.h"
#include "faultline/eval/evidence.h"

namespace faultline {

namespace {

/// What the chosen engine and the baseline both report.
Json figures_json(const FuzzFigures& figures) {
  const FuzzState& state = figures.state;
  Json json{{"engine", name_of(figures.engine)},
            {"evaluations", state.evaluations},
            {"seeds_broken", state.verified_seeds.size()},
            {"findings", state.accepted},
            {"clusters", state.clusters.size()},
            {"evaluations_per_second", figures.evaluations_per_second()},
            {"screened", state.screened},
            {"first_failure", state.first_failure < 0 ? Json(nullptr) : Json(state.first_failure)}};
  json["minimisation_evaluations"] = state.minimisation;
  json["corpus_size"] = state.corpus.size();
  json["rounds"] = state.round;
  json["seconds"] = state.seconds;
  json["ended_by"] = name_of(figures.end);
  json["verification"] = {{"checked", state.accepted + state.near_ties + state.rejected},
                          {"accepted", state.accepted},
                          {"rejected", state.rejected},
                          {"near_ties", state.near_ties}};
  return json;
}

}  // namespace

Json summary_json(const FuzzPlan& plan, const FuzzSummary& summary) {
  Json json{{"schema", "faultline.fuzz/1"}, {"faultline", version()}};
  json["model"] = model_fields(plan.model);
  json["data"] = data_fields(plan.data);
  json["seed"] = plan.seed;
  json["threat"] = plan.norm ? Json{{"norm", name_of(*plan.norm)}, {"epsilon", plan.epsilon}} : Json(nullptr);
  json["validity"] = plan.limits.validity;
  json["oracles"] = plan.oracles;
  json["samples"] = summary.samples;
  json["seeds"] = summary.seeds;
  json.update(figures_json(summary.main));
  json["islands"] = plan.islands;
  json["repeatable"] = summary.repeatable;
  json["corpus"] =
      summary.corpus.empty()
          ? Json(nullptr)
          : Json{{"path", summary.corpus}, {"added", summary.main.state.added}, {"known", summary.main.state.known}};
  json["baseline"] = summary.baseline ? figures_json(*summary.baseline) : Json(nullptr);
  json["warnings"] = warnings_json(summary.warnings);
  return json;
}

}  // namespace faultline
