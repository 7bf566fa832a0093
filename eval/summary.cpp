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

void count_row(const SampleRow& row, Summary& summary) {
  summary.clean_errors += row.status == SampleRow::Status::kCleanError ? 1 : 0;
  summary.adversarial_errors +=
      row.status == SampleRow::Status::kCleanError || row.status == SampleRow::Status::kFound ? 1 : 0;
  summary.not_attempted += row.status == SampleRow::Status::kNotAttempted ? 1 : 0;
  summary.clean_near_ties += row.clean.near_tie ? 1 : 0;
  summary.eight_bits += row.eight_bits.value_or(false) ? 1 : 0;
  summary.eight_bits_of += row.eight_bits ? 1 : 0;
  count_attempts(row, summary.attacks);
  for (const Outcome outcome : row.attempts) {
    summary.accepted += outcome == Outcome::kFound ? 1 : 0;
    summary.near_ties += outcome == Outcome::kNearTie ? 1 : 0;
    summary.rejected += outcome == Outcome::kRejected ? 1 : 0;
  }
}

/// Claims that did not hold, outputs that are no numbers, ties.
void check_claims(const Summary& summary, const RunResult& result, SanityReport& sanity) {
  sanity.checks.insert(sanity.checks.end(), {"rejected", "not-finite"});
  if (summary.rejected > 0) {
    sanity.warnings.push_back({"rejected", std::to_string(summary.rejected) +
                                               " results that an attack claimed failed verification: " +
                                               cause_of_rejection(sanity.warnings)});
  }
  std::int64_t not_finite = 0;
  for (const AttackCost& cost : result.costs) {
    not_finite += cost.meter.not_finite;
  }
  if (not_finite > 0) {
    sanity.warnings.push_back(
        {"not-finite", std::to_string(not_finite) +
                           " outputs on changed inputs are NaN or infinite: no answers, which count "
                           "neither as right nor as found; transforms find them with --oracle non-finite"});
  }
  constexpr std::int64_t kManyTies = 20;  // one sample in so many
  if (summary.clean_near_ties * kManyTies > summary.samples) {
    sanity.warnings.push_back(
        {"near-ties", std::to_string(summary.clean_near_ties) + " of " + std::to_string(summary.samples) +
                          " clean samples are ties between classes and count as right: the accuracies say "
                          "nothing if the model's output is constant or saturated"});
  }
}

/// An attack that knows scores only finds, beyond doubt, more than 0.2 % of all samples, which gradient attacks before
/// it missed. The limit is that of AutoAttack (arXiv:2003.01690), which takes it for a sign of masked gradients.
void check_order(const Plan& plan, const Summary& summary, SanityReport& sanity) {
  std::int64_t found = 0;
  bool after_gradients = false;
  for (std::size_t i = 0; i < plan.attacks.size(); ++i) {
    const AttackPlan& attack = plan.attacks[i];
    found += after_gradients && attack.knows_scores_only && !attack.transforms ? summary.attacks[i].found : 0;
    after_gradients = after_gradients || (!attack.knows_scores_only && !attack.transforms);
  }
  if (!after_gradients || plan.curve) {
    return;
  }
  sanity.checks.emplace_back("black-box-finds-more");
  constexpr double kShare = 0.002;
  if (wilson(found, summary.samples).low > kShare) {
    sanity.warnings.push_back({"black-box-finds-more",
                               "attacks without gradients broke " + std::to_string(found) +
                                   " samples that gradient attacks had missed: gradients lead astray, and more may be "
                                   "left; give square more queries, or use --preset thorough"});
  }
}

void check_eight_bits(const Summary& summary, SanityReport& sanity) {
  if (summary.eight_bits_of == 0) {
    return;
  }
  sanity.checks.emplace_back("eight-bits");
  if (summary.eight_bits * 2 < summary.eight_bits_of) {
    sanity.warnings.push_back(
        {"eight-bits", "only " + std::to_string(summary.eight_bits) + " of " + std::to_string(summary.eight_bits_of) +
                           " witnesses still fail when they are rounded to 8 bits: saved as images they are "
                           "harmless; keep them as safetensors or npy"});
  }
}

}  // namespace

Summary summarise(const Plan& plan, const RunResult& result, SanityReport sanity) {
  Summary summary;
  summary.samples = static_cast<std::int64_t>(result.rows.size());
  for (std::size_t i = 0; i < plan.attacks.size(); ++i) {
    summary.attacks.push_back({plan.attacks[i].name, plan.attacks[i].options, 0, 0, result.costs[i]});
  }
  summary.seconds = result.seconds;
  std::vector<double> distances;
  for (const SampleRow& row : result.rows) {
    count_row(row, summary);
    distances.push_back(distance_of(row));
  }
  summary.clean_accuracy = wilson(summary.samples - summary.clean_errors, summary.samples);
  summary.robust_accuracy = wilson(summary.samples - summary.adversarial_errors, summary.samples);
  if (plan.curve) {
    summary.curve.emplace(distances);
  }
  check_claims(summary, result, sanity);
  check_order(plan, summary, sanity);
  check_eight_bits(summary, sanity);
  summary.checks = std::move(sanity.checks);
  summary.sanity = sanity.cost;
  summary.warnings = std::move(sanity.warnings);
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
  json["eight_bits"] = {{"checked", summary.eight_bits_of}, {"fail", summary.eight_bits}};
  json["warnings"] = warnings_json(summary.warnings);
  json["sanity"] = {{"checks", summary.checks},
                    {"forwards", summary.sanity.meter.forwards},
                    {"backwards", summary.sanity.meter.backwards},
                    {"seconds", summary.sanity.seconds}};
  if (summary.curve) {
    add_curve(json, plan, *summary.curve);
  }
  return json;
}

}  // namespace faultline
