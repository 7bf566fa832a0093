#include "faultline/eval/summary.h"

#include "faultline/core/number.h"
#include "faultline/data/json.h"
#include "faultline/eval/curve_chunk.h"
#include "faultline/eval/document.h"
#include "faultline/eval/evidence.h"

namespace faultline {

namespace {

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// Options with numbers as numbers.
Json options_json(const std::vector<OptionInfo>& options) {
  Json json = Json::object();
  for (const OptionInfo& option : options) {
    if (option.type == "choice") {
      json[option.name] = option.value;
    } else if (option.type == "integer") {
      json[option.name] = parse_integer(option.value, option.name);
    } else {
      json[option.name] = parse_number(option.value, option.name);
    }
  }
  return json;
}

Json attacks_json(const std::vector<AttackFigures>& attacks) {
  Json list = Json::array();
  for (const AttackFigures& attack : attacks) {
    list.push_back({{"name", attack.name},
                    {"options", options_json(attack.options)},
                    {"attempted", attack.attempted},
                    {"found", attack.found},
                    {"forwards", attack.cost.meter.forwards},
                    {"backwards", attack.cost.meter.backwards},
                    {"seconds", attack.cost.seconds}});
  }
  return list;
}

Json threat_json(const Plan& plan) {
  if (!plan.norm) {
    return nullptr;
  }
  Json threat{{"norm", name_of(*plan.norm)}, {"epsilon", nullptr}};
  if (plan.has_budget()) {
    threat["epsilon"] = plan.curve ? plan.curve->epsilon_max : plan.epsilon;
  }
  threat["lower"] = plan.data.options.bounds.lower;
  threat["upper"] = plan.data.options.bounds.upper;
  threat["goal"] = goal_text(plan.goal);
  return threat;
}

void add_curve(Json& json, const Plan& plan, const SurvivalCurve& curve) {
  if (plan.curve->over) {
    json["over"] = {
        {"parameter", plan.curve->over->name}, {"unit", plan.curve->over->unit}, {"start", plan.curve->over->start}};
  }
  json["points"] = Json::array();
  for (const double epsilon : point_epsilons(plan)) {
    json["points"].push_back({{"epsilon", epsilon},
                              {"errors", curve.samples() - curve.survivors(epsilon)},
                              {"robust_accuracy", interval_json(curve.interval(epsilon))}});
  }
  json["band"] = {{"half_width", dkw_half_width(curve.samples())}, {"level", 0.95}};
  json["distances"] = {{"median", or_null(curve.median())},
                       {"mean", or_null(curve.mean_found())},
                       {"found", curve.found()},
                       {"not_found", curve.not_found()}};
  json["area"] = {{"value", curve.area(plan.curve->epsilon_max)}, {"epsilon_max", plan.curve->epsilon_max}};
}

/// On a curve the attacks of one probe follow one another until one finds; the attempts are listed flat.
void count_attempts(const SampleRow& row, std::vector<AttackFigures>& attacks) {
  std::size_t number = 0;
  for (const Outcome outcome : row.attempts) {
    AttackFigures& attack = attacks[number % attacks.size()];
    attack.attempted += outcome == Outcome::kOutOfReach ? 0 : 1;
    attack.found += outcome == Outcome::kFound ? 1 : 0;
    number = outcome == Outcome::kFound ? 0 : number + 1;
  }
}

/// Why claims do not hold when looked at again, as far as the checks of the model tell.
std::string cause_of_rejection(const std::vector<Warning>& warnings) {
  const auto fired = [&](std::string_view check) {
    return std::ranges::any_of(warnings, [&](const Warning& warning) { return warning.check == check; });
  };
  if (fired("not-deterministic")) {
    return "the model's calls differ";
  }
  return fired("batch-dependent") ? "most likely because the model's rows depend on their batch"
                                  : "a bug of the attack";
}

}  // namespace

Summary summarise(const Plan& plan, const RunResult& result, std::vector<Warning> warnings) {
  Summary summary;
  summary.samples = static_cast<std::int64_t>(result.rows.size());
  for (std::size_t i = 0; i < plan.attacks.size(); ++i) {
    summary.attacks.push_back({plan.attacks[i].name, plan.attacks[i].options, 0, 0, result.costs[i]});
  }
  summary.seconds = result.seconds;
  std::vector<double> distances;
  for (const SampleRow& row : result.rows) {
    summary.clean_errors += row.status == SampleRow::Status::kCleanError ? 1 : 0;
    summary.adversarial_errors +=
        row.status == SampleRow::Status::kCleanError || row.status == SampleRow::Status::kFound ? 1 : 0;
    summary.not_attempted += row.status == SampleRow::Status::kNotAttempted ? 1 : 0;
    summary.clean_near_ties += row.clean.near_tie ? 1 : 0;
    count_attempts(row, summary.attacks);
    for (const Outcome outcome : row.attempts) {
      summary.accepted += outcome == Outcome::kFound ? 1 : 0;
      summary.near_ties += outcome == Outcome::kNearTie ? 1 : 0;
      summary.rejected += outcome == Outcome::kRejected ? 1 : 0;
    }
    distances.push_back(distance_of(row));
  }
  summary.clean_accuracy = wilson(summary.samples - summary.clean_errors, summary.samples);
  summary.robust_accuracy = wilson(summary.samples - summary.adversarial_errors, summary.samples);
  if (plan.curve) {
    summary.curve.emplace(distances);
  }
  if (summary.rejected > 0) {
    warnings.push_back(
        {"rejected", std::to_string(summary.rejected) +
                         " results that an attack claimed failed verification: " + cause_of_rejection(warnings)});
  }
  std::int64_t not_finite = 0;
  for (const AttackCost& cost : result.costs) {
    not_finite += cost.meter.not_finite;
  }
  if (not_finite > 0) {
    warnings.push_back(
        {"not-finite", std::to_string(not_finite) +
                           " outputs on changed inputs are NaN or infinite: no answers, which count "
                           "neither as right nor as found; transforms find them with --oracle non-finite"});
  }
  constexpr std::int64_t kManyTies = 20;  // one sample in so many
  if (summary.clean_near_ties * kManyTies > summary.samples) {
    warnings.push_back(
        {"near-ties", std::to_string(summary.clean_near_ties) + " of " + std::to_string(summary.samples) +
                          " clean samples are ties between classes and count as right: the accuracies say "
                          "nothing if the model's output is constant or saturated"});
  }
  summary.warnings = std::move(warnings);
  return summary;
}

std::vector<double> point_epsilons(const Plan& plan) {
  return plan.curve->at.empty() ? epsilon_ladder(plan.curve->epsilon_max, {}) : plan.curve->at;
}

Json summary_json(const Plan& plan, const Summary& summary) {
  Json json{{"schema", "faultline." + plan.command + "/1"}, {"faultline", version()}};
  json["model"] = model_fields(plan.model);
  json["data"] = data_fields(plan.data);
  json["seed"] = plan.seed;
  json["threat"] = threat_json(plan);
  if (!plan.norm) {
    json["goal"] = goal_text(plan.goal);
  }
  json["samples"] = summary.samples;
  json["clean_errors"] = summary.clean_errors;
  json["adversarial_errors"] = summary.adversarial_errors;
  json["not_attempted"] = summary.not_attempted;
  json["clean_accuracy"] = interval_json(summary.clean_accuracy);
  json["robust_accuracy"] = interval_json(summary.robust_accuracy);
  json["seconds"] = summary.seconds;
  json["preset"] = preset_json(plan.preset);
  json["attacks"] = attacks_json(summary.attacks);
  json["verification"] = {{"checked", summary.accepted + summary.rejected + summary.near_ties},
                          {"accepted", summary.accepted},
                          {"rejected", summary.rejected},
                          {"near_ties", summary.near_ties}};
  json["warnings"] = warnings_json(summary.warnings);
  if (summary.curve) {
    add_curve(json, plan, *summary.curve);
  }
  return json;
}

}  // namespace faultline
