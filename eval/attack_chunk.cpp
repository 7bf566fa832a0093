#include "faultline/eval/attack_chunk.h"

#include <chrono>

#include "faultline/eval/goal.h"
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

ThreatModel threat_of(const Plan& plan, const Batch& batch, const Tensor& targets) {
  ThreatModel threat = uniform_threat(plan.norm, plan.epsilon, batch, plan.data.options.bounds);
  threat.targets = targets;
  return threat;
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

Attempt attempt(TargetStack& target, const ConfiguredAttack& attack, const Batch& part, const ThreatModel& threat,
                const Rng& rng, AttackCost& cost) {
  const auto begin = std::chrono::steady_clock::now();
  MeteredTarget metered = target.metered();
  Attempt attempt{
      attack.run(metered, part, threat, rng), {}, std::vector<Verdict>(static_cast<std::size_t>(part.size()))};
  cost.meter.forwards += metered.meter().forwards;
  cost.meter.backwards += metered.meter().backwards;
  cost.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

  attempt.outcomes.assign(static_cast<std::size_t>(part.size()), Outcome::kNothing);
  const Tensor claimed = attempt.result.claimed.nonzero().squeeze(1).cpu();
  const std::vector<Verdict> verdicts =
      verify(target.padded(), target.plain(), select(part, claimed), select(threat, claimed),
             attempt.result.candidates.index_select(0, claimed.to(part.inputs.device())));
  for (std::int64_t i = 0; i < claimed.size(0); ++i) {
    const auto row = static_cast<std::size_t>(claimed[i].item<std::int64_t>());
    attempt.verdicts[row] = verdicts[static_cast<std::size_t>(i)];
    attempt.outcomes[row] = outcome_of(verdicts[static_cast<std::size_t>(i)].judgement);
  }
  return attempt;
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
    std::vector<std::int64_t> left;
    for (std::int64_t i = 0; i < survivors.size(0); ++i) {
      const auto place = static_cast<std::size_t>(i);
      const std::int64_t number_in_batch = survivors[i].item<std::int64_t>();
      SampleRow& row = result.rows[static_cast<std::size_t>(number_in_batch)];
      row.attempts.push_back(tried.outcomes[place]);
      if (tried.outcomes[place] != Outcome::kFound) {
        left.push_back(number_in_batch);
        continue;
      }
      row.status = SampleRow::Status::kFound;
      row.attack = static_cast<std::int64_t>(number);
      row.verdict = tried.verdicts[place];
      result.witnesses[number_in_batch] = tried.result.candidates[i];
    }
    survivors = as_rows(left);
  }
  name_witnesses(result);
  return result;
}

}  // namespace faultline
