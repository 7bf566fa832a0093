#include "faultline/eval/attempt.h"

#include "faultline/core/loss.h"
#include "faultline/eval/row_judge.h"

namespace faultline {

namespace {

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

}  // namespace

Tensor as_rows(const std::vector<std::int64_t>& rows) { return at::tensor(rows, at::kLong); }

Tensor gradients_at(Target& target, const Batch& part, const ThreatModel& threat) {
  const Linearization clean = target.linearize(part.inputs);
  return clean.pullback(differentiate(Loss::kCrossEntropy, clean.logits, part.labels, threat).cotangent).cpu();
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

Tensor rows_left(const Tensor& rows, const Attempt& tried) {
  std::vector<std::int64_t> left;
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    if (tried.outcomes[static_cast<std::size_t>(i)] != Outcome::kFound) {
      left.push_back(rows[i].item<std::int64_t>());
    }
  }
  return as_rows(left);
}

}  // namespace faultline
