#include "faultline/eval/attack_chunk.h"

#include <optional>

#include "faultline/core/margin.h"
#include "faultline/eval/ensemble.h"
#include "faultline/eval/goal.h"
#include "faultline/eval/recipe_json.h"
#include "faultline/eval/witness.h"

namespace faultline {

namespace {

ThreatModel threat_of(const Plan& plan, const Batch& batch, const Tensor& targets) {
  ThreatModel threat = uniform_threat(plan.norm.value_or(Norm::kLinf), plan.epsilon, batch, plan.data.options.bounds);
  threat.targets = targets;
  return threat;
}

/// Whether witnesses of a budget still reach their goal when they are rounded to the 256 levels of an image file.
void look_at_eight_bits(ChunkResult& result, ScoreTarget& target, const Batch& batch, const ThreatModel& threat) {
  constexpr double kLevels = 255;
  std::vector<std::int64_t> found;
  for (std::size_t row = 0; row < result.rows.size(); ++row) {
    if (result.rows[row].status == SampleRow::Status::kFound && result.rows[row].recipe.is_null()) {
      found.push_back(static_cast<std::int64_t>(row));
    }
  }
  if (found.empty()) {
    return;
  }
  const Tensor rows = as_rows(found);
  const Tensor chosen = rows.to(batch.inputs.device());
  const double range = threat.bounds.upper - threat.bounds.lower;
  const Tensor level = (result.witnesses.index_select(0, chosen) - threat.bounds.lower).mul_(kLevels / range).round_();
  const Tensor logits = target.logits(level.mul_(range / kLevels).add_(threat.bounds.lower));
  const Tensor fails =
      goal_margin(logits, batch.labels.index_select(0, chosen), select(threat, rows)).lt(-tau(logits)).cpu();
  for (std::size_t i = 0; i < found.size(); ++i) {
    result.rows[static_cast<std::size_t>(found[i])].eight_bits = fails[static_cast<std::int64_t>(i)].item<bool>();
  }
}

}  // namespace

CleanPass clean_pass(TargetStack& target, const Batch& batch, const Goal& goal, const Rng& rng) {
  CleanPass pass;
  const std::vector<CleanVerdict> verdicts = judge_clean(target.padded(), batch);
  if (goal.kind != Goal::Kind::kUntargeted) {
    pass.targets = targets_of(goal, batch, target.padded().logits(batch.inputs), rng);
  }
  std::vector<std::int64_t> attackable;
  for (std::int64_t i = 0; i < batch.size(); ++i) {
    const auto place = static_cast<std::size_t>(i);
    SampleRow row{.id = batch.ids[place], .label = batch.labels[i].item<std::int64_t>(), .clean = verdicts[place]};
    if (pass.targets.defined()) {
      row.target = pass.targets[i].item<std::int64_t>();
    }
    if (!row.clean.right) {
      row.status = SampleRow::Status::kCleanError;
    } else if (row.target == row.label) {
      row.status = SampleRow::Status::kNotAttempted;
    } else {
      attackable.push_back(i);
    }
    pass.rows.push_back(std::move(row));
  }
  pass.attackable = as_rows(attackable);
  return pass;
}

void mark_found(SampleRow& row, std::size_t attack, const Attempt& tried, std::size_t place) {
  row.status = SampleRow::Status::kFound;
  row.attack = static_cast<std::int64_t>(attack);
  row.verdict = tried.verdicts[place];
  row.oracle = tried.oracles.empty() ? FailedOracle{} : tried.oracles[place];
  row.recipe = tried.space ? recipe_json(tried.result.recipes[place], tried.space->mutators()) : Json();
}

void pass_over(ChunkResult& result, const Tensor& rows) {
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    const auto number = static_cast<std::size_t>(rows[i].item<std::int64_t>());
    result.rows[number].attempts.push_back(Outcome::kOutOfReach);
  }
}

void settle(ChunkResult& result, const Tensor& rows, std::size_t attack, const Attempt& tried,
            std::optional<double> distance) {
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    const auto place = static_cast<std::size_t>(i);
    const std::int64_t number = rows[i].item<std::int64_t>();
    SampleRow& row = result.rows[static_cast<std::size_t>(number)];
    row.attempts.push_back(tried.outcomes[place]);
    if (tried.outcomes[place] == Outcome::kFound) {
      mark_found(row, attack, tried, place);
      row.verdict.distance = distance.value_or(row.verdict.distance);
      result.witnesses[number] = tried.result.candidates[i];
    }
  }
}

ChunkResult attack_chunk(TargetStack& target, const Batch& batch, const Plan& plan,
                         const std::vector<ConfiguredAttack>& attacks) {
  const Rng rng(plan.seed);
  CleanPass pass = clean_pass(target, batch, plan.goal, rng.derived("target"));
  ChunkResult result{std::move(pass.rows), batch.inputs, batch.inputs.clone(), std::vector<AttackCost>(attacks.size())};
  const ThreatModel threat = threat_of(plan, batch, pass.targets);
  // Where no norm measures the change, there is no distance.
  const std::optional<double> distance = plan.norm ? std::nullopt : std::optional(kNoDistance);
  const auto numbers = [&](const Tensor& rows) { return pass.attackable.index_select(0, rows); };
  (void)run_ensemble(target, attacks, select(batch, pass.attackable), select(threat, pass.attackable), result.costs,
                     {.rng = [&](std::size_t attack) { return rng.derived(attacks[attack].info.name, attack); },
                      .tried = [&](std::size_t attack, const Tensor& rows,
                                   const Attempt& tried) { settle(result, numbers(rows), attack, tried, distance); },
                      .passed_over = [&](const Tensor& rows) { pass_over(result, numbers(rows)); }});
  if (plan.has_budget()) {
    look_at_eight_bits(result, target.padded(), batch, threat);
  }
  name_witnesses(result);
  return result;
}

}  // namespace faultline
