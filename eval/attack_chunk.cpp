#include "faultline/eval/attack_chunk.h"

#include <chrono>
#include <optional>

#include "faultline/core/loss.h"
#include "faultline/eval/goal.h"
#include "faultline/eval/recipe_json.h"
#include "faultline/eval/row_judge.h"
#include "faultline/eval/witness.h"

namespace faultline {

namespace {

Tensor as_rows(const std::vector<std::int64_t>& rows) { return at::tensor(rows, at::kLong); }

Outcome outcome_of(Judgement judgement) {
  switch (judgement) {
    case Judgement::kAccepted:
      return Outcome::kFound;
    case Judgement::kNearTie:
      return Outcome::kNearTie;
    case Judgement::kRejected:
      return Outcome::kRejected;
  }
  return Outcome::kRejected;
}

/// What an attack claims of a part.
struct Claimed {
  Tensor rows{};        ///< [C] int64 on the host.
  Tensor candidates{};  ///< [C, ...].
  std::vector<Recipe> recipes{};
};

Claimed claimed_of(const AttackResult& result, const Batch& part) {
  Claimed claimed{.rows = result.claimed.nonzero().squeeze(1).cpu()};
  claimed.candidates = result.candidates.index_select(0, claimed.rows.to(part.inputs.device()));
  for (std::int64_t i = 0; i < claimed.rows.size(0) && !result.recipes.empty(); ++i) {
    claimed.recipes.push_back(result.recipes.at(static_cast<std::size_t>(claimed.rows[i].item<std::int64_t>())));
  }
  return claimed;
}

/// Calls ask(metered target) and adds what it cost.
template <typename Ask>
void run_metered(Target& target, AttackCost& cost, const Ask& ask) {
  const auto begin = std::chrono::steady_clock::now();
  MeteredTarget metered(target);
  ask(metered);
  cost.meter.forwards += metered.meter().forwards;
  cost.meter.backwards += metered.meter().backwards;
  cost.meter.not_finite += metered.meter().not_finite;
  cost.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void record(Attempt& attempt, const Claimed& claimed, const std::vector<Verdict>& verdicts) {
  for (std::int64_t i = 0; i < claimed.rows.size(0); ++i) {
    const auto row = static_cast<std::size_t>(claimed.rows[i].item<std::int64_t>());
    attempt.verdicts[row] = verdicts[static_cast<std::size_t>(i)];
    attempt.outcomes[row] = outcome_of(verdicts[static_cast<std::size_t>(i)].judgement);
  }
}

/// Which oracle each claimed candidate fails.
void name_oracles(Attempt& attempt, ScoreTarget& target, const ConfiguredAttack& attack, const Claimed& claimed,
                  const OracleJudge& judge) {
  if (claimed.rows.size(0) == 0) {
    return;
  }
  attempt.oracles.resize(attempt.outcomes.size());
  const std::vector<std::int64_t> failed =
      judge.failed(claimed.rows, claimed.candidates, target.logits(claimed.candidates));
  for (std::size_t i = 0; i < failed.size(); ++i) {
    const auto row = static_cast<std::size_t>(claimed.rows[static_cast<std::int64_t>(i)].item<std::int64_t>());
    if (failed[i] >= 0) {
      const ConfiguredOracle& oracle = attack.oracles[static_cast<std::size_t>(failed[i])];
      attempt.oracles[row] = {oracle.text(), oracle.found_label_source()};
    }
  }
}

ThreatModel threat_of(const Plan& plan, const Batch& batch, const Tensor& targets) {
  ThreatModel threat = uniform_threat(plan.norm.value_or(Norm::kLinf), plan.epsilon, batch, plan.data.options.bounds);
  threat.targets = targets;
  return threat;
}

}  // namespace

Tensor gradients_at(Target& target, const Batch& part, const ThreatModel& threat) {
  const Linearization clean = target.linearize(part.inputs);
  return clean.pullback(differentiate(Loss::kCrossEntropy, clean.logits, part.labels, threat).cotangent).cpu();
}

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

Attempt attempt(TargetStack& target, const ConfiguredAttack& attack, const Batch& part, const ThreatModel& threat,
                const Rng& rng, AttackCost& cost) {
  Attempt attempt{.outcomes = std::vector(static_cast<std::size_t>(part.size()), Outcome::kNothing),
                  .verdicts = std::vector<Verdict>(static_cast<std::size_t>(part.size()))};
  if (attack.transforms()) {
    attempt.space = attack.space(part.inputs.sizes().slice(1).vec());
    Target& padded = target.padded_for(attack.oracles);
    const RowJudge judge(attack.oracles, part, threat, padded, target);
    TransformTask task{part, threat.bounds, *attempt.space, judge.get(), {}};
    run_metered(padded, cost, [&](Target& metered) {
      if (attempt.space->needs_gradient()) {
        task.gradients = gradients_at(metered, part, threat);
      }
      attempt.result = attack.search(metered, task, rng);
    });
    const Claimed claimed = claimed_of(attempt.result, part);
    record(attempt, claimed,
           verify(padded, target.plain_for(attack.oracles), task, claimed.rows, claimed.candidates, claimed.recipes,
                  threat.norm));
    if (judge.oracles() != nullptr) {
      name_oracles(attempt, padded, attack, claimed, *judge.oracles());
    }
    return attempt;
  }
  run_metered(target.padded(), cost, [&](Target& metered) { attempt.result = attack.run(metered, part, threat, rng); });
  const Claimed claimed = claimed_of(attempt.result, part);
  record(attempt, claimed,
         verify(target.padded(), target.plain(), select(part, claimed.rows), select(threat, claimed.rows),
                claimed.candidates));
  return attempt;
}

void mark_found(SampleRow& row, std::size_t attack, const Attempt& tried, std::size_t place) {
  row.status = SampleRow::Status::kFound;
  row.attack = static_cast<std::int64_t>(attack);
  row.verdict = tried.verdicts[place];
  row.oracle = tried.oracles.empty() ? FailedOracle{} : tried.oracles[place];
  row.recipe = tried.space ? recipe_json(tried.result.recipes[place], tried.space->mutators()) : Json();
}

Tensor settle(ChunkResult& result, const Tensor& rows, std::size_t attack, const Attempt& tried,
              std::optional<double> distance) {
  std::vector<std::int64_t> left;
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    const auto place = static_cast<std::size_t>(i);
    const std::int64_t number = rows[i].item<std::int64_t>();
    SampleRow& row = result.rows[static_cast<std::size_t>(number)];
    row.attempts.push_back(tried.outcomes[place]);
    if (tried.outcomes[place] != Outcome::kFound) {
      left.push_back(number);
      continue;
    }
    mark_found(row, attack, tried, place);
    row.verdict.distance = distance.value_or(row.verdict.distance);
    result.witnesses[number] = tried.result.candidates[i];
  }
  return as_rows(left);
}

ChunkResult attack_chunk(TargetStack& target, const Batch& batch, const Plan& plan,
                         const std::vector<ConfiguredAttack>& attacks) {
  const Rng rng(plan.seed);
  CleanPass pass = clean_pass(target, batch, plan.goal, rng.derived("target"));
  ChunkResult result{std::move(pass.rows), batch.inputs, batch.inputs.clone(), std::vector<AttackCost>(attacks.size())};
  const ThreatModel threat = threat_of(plan, batch, pass.targets);
  Tensor survivors = pass.attackable;
  for (std::size_t number = 0; number < attacks.size() && survivors.size(0) > 0; ++number) {
    const Attempt tried = attempt(target, attacks[number], select(batch, survivors), select(threat, survivors),
                                  rng.derived(attacks[number].info.name, number), result.costs[number]);
    // Where no norm measures the change, there is no distance.
    survivors = settle(result, survivors, number, tried, plan.norm ? std::nullopt : std::optional(kNoDistance));
  }
  name_witnesses(result);
  return result;
}

}  // namespace faultline
