// Findings as batches, and what is found from them as new findings.
//
//   for (const auto& [kind, group] : grouped(items, finding_of)) {
//     const Batch batch = batch_of(findings, device);      // inputs: clean, starts: witnesses
//   }
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "faultline/core/batch.h"
#include "faultline/core/registry.h"
#include "faultline/core/verifier.h"
#include "faultline/corpus/corpus.h"

namespace faultline {

/// What must be equal for findings to share a batch.
struct FindingKind {
  std::string oracle{};
  std::vector<std::int64_t> shape{};
  bool targeted = false;
  std::optional<Norm> norm{};
  double lower = 0;
  double upper = 1;
  auto operator<=>(const FindingKind&) const = default;
};

[[nodiscard]] FindingKind kind_of(const Failure& failure);

/// Things by the kind of the finding that finding_of(thing) gives for each, in the order in which they came.
template <typename T, typename FindingOf>
[[nodiscard]] std::map<FindingKind, std::vector<T>> grouped(const std::vector<T>& things, const FindingOf& finding_of) {
  std::map<FindingKind, std::vector<T>> groups;
  for (const T& thing : things) {
    groups[kind_of(finding_of(thing).failure)].push_back(thing);
  }
  return groups;
}

/// Whether an attack can be run on findings of the kind: they are misclassifications with a budget in a
/// norm that it knows.
[[nodiscard]] bool can_attack(const ConfiguredAttack& attack, const FindingKind& kind);

/// Inputs are the clean ones, starts the witnesses. Findings of one kind, at least one.
[[nodiscard]] Batch batch_of(const std::vector<const Finding*>& findings, c10::Device device);

/// Budgets and goals of findings of one kind; an epsilon of 0 where there is no budget.
[[nodiscard]] ThreatModel threat_of(const std::vector<const Finding*>& findings, c10::Device device);

/// Whether a model fails at an input: a logit is not finite, or the margin is below -tau. A near tie counts as right.
[[nodiscard]] bool fails(const Answer& answer);

/// Who looks for further witnesses of a finding.
struct FollowUp {
  std::string line{};
  std::string model{};  ///< SHA-256 of its file.
  Preprocessing preprocessing{};
  std::int64_t classes = 0;
  std::string attack{};                          ///< What looks for them: its name, ...
  std::map<std::string, std::string> options{};  ///< ... and its options with their values.
  std::uint64_t seed = 0;
};

/// Options with their values, as discoveries record them.
[[nodiscard]] std::map<std::string, std::string> values_of(const std::vector<OptionInfo>& options);

/// A witness [...] found from a finding: the same failure, with the finding as its parent.
[[nodiscard]] NewFinding follow_up(const StoredFinding& parent, const FollowUp& search, const Tensor& witness,
                                   const Answer& clean, const Verdict& verdict);

}  // namespace faultline
