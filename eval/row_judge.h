// What judges the rows of a batch: oracles, or a goal where there are none.
//
//   const RowJudge judge(oracles, batch, threat, target.padded(), target);
//   ask(target.padded(), inputs, judge.get(), rows);
#pragma once

#include <optional>
#include <vector>

#include "faultline/core/oracle.h"

namespace faultline {

/// Everything it is made from must outlive it.
class RowJudge {
 public:
  /// `target` is asked for the clean outputs, where there are oracles.
  RowJudge(const std::vector<ConfiguredOracle>& oracles, const Batch& clean, const ThreatModel& threat,
           ScoreTarget& target, AskedModels& models)
      : goal_(clean.labels, threat) {
    if (!oracles.empty()) {
      oracles_.emplace(oracles, clean, target.logits(clean.inputs), models);
    }
  }

  [[nodiscard]] const Judge& get() const { return oracles_ ? static_cast<const Judge&>(*oracles_) : goal_; }

  /// Null: the goal judges.
  [[nodiscard]] const OracleJudge* oracles() const { return oracles_ ? &*oracles_ : nullptr; }

 private:
  GoalJudge goal_;
  std::optional<OracleJudge> oracles_;
};

}  // namespace faultline
