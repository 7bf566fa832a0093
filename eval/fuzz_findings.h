// From failures that islands hand on to findings: verified on the plain target, with their provenance.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "faultline/corpus/corpus.h"
#include "faultline/eval/fuzz_plan.h"
#include "faultline/eval/fuzz_seeds.h"
#include "faultline/eval/sample_row.h"

namespace faultline {

/// A failure that the verifier has looked at.
struct VerifiedFailure {
  FuzzFailure failure{};
  Judgement judgement = Judgement::kRejected;
  NewFinding finding{};  ///< Of accepted ones.
};

/// Who looks for failures, for discoveries.
struct FuzzProvenance {
  const FuzzPlan& plan;
  const FuzzSeeds& seeds;
  const std::vector<ConfiguredOracle>& oracles;
  std::string line = "main";
  std::int64_t classes = 0;
};

/// What a discovery says whatever was found from a seed: model, data, versions, the clean input, today.
[[nodiscard]] Discovery discovery_from(const FuzzProvenance& from, std::int64_t seed);

/// Says whether an input ends the process that runs it, and how.
using DiesCheck = std::function<std::optional<Death>(const FuzzInput&)>;

/// Inputs as the verifier sees them.
struct VerifiedInputs {
  Tensor witnesses{};  ///< [M, ...] on the host, rendered again.
  std::vector<Verdict> verdicts{};
};

/// Asks about inputs that the model answers, as many as fit a forward; legal are those of the task's space, inside its
/// bounds and its ball. `target` pads to the floor batch, `single` is the same model without. Distances are in the
/// task's norm, without one L2.
[[nodiscard]] VerifiedInputs verify_inputs(const std::vector<FuzzInput>& inputs, const FuzzTask& task,
                                           ScoreTarget& target, ScoreTarget& single);

/// Renders every failure again and asks the plain target; of inputs that end their process it asks `dies` instead. What
/// the model answers comes first, each part in order.
[[nodiscard]] std::vector<VerifiedFailure> verify_failures(const std::vector<FuzzFailure>& failures,
                                                           const FuzzTask& task, const FuzzProvenance& provenance,
                                                           TargetStack& target, const DiesCheck& dies);

}  // namespace faultline
