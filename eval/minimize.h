// Smaller witnesses: the same failure with less of a change, or with a simpler recipe.
//
//   const std::vector<Minimized> results = minimize(corpus, ids, setup);
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "faultline/corpus/corpus.h"
#include "faultline/eval/run.h"
#include "faultline/eval/stored_recipe.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

struct MinimizeSetup {
  TargetFactory make_target;
  ComparedModels compared = {};  ///< What oracles ask.
  const MutatorRegistry& mutators;
  const OracleRegistry& oracles;
  const StoredRecipes* recipes = nullptr;  ///< For findings that are stored as recipes; null: they are passed over.
  const std::atomic<bool>& stop;
  std::string line = "main";
  std::string model{};            ///< SHA-256 of the model file.
  Preprocessing preprocessing{};  ///< Around the model.
  ConfiguredAttack attack;        ///< Looks for nearer witnesses, from the one at hand.
  std::uint64_t seed = 0;         ///< Of that attack.
  int workers = 1;
  c10::Device device = c10::Device(c10::kCPU);
  DamageObserver damaged = [](const std::string&) {};  ///< Called by one thread at a time.
  std::function<void(const Progress&)> progress = {};  ///< Called by one thread at a time.
};

/// What became of one finding.
struct Minimized {
  enum class Outcome {
    kSmaller,       ///< `found` is nearer to the clean input, or of a simpler recipe, and still fails.
    kSmallest,      ///< Nothing smaller was found.
    kPasses,        ///< The model is right at the witness: nothing to minimise.
    kInvalid,       ///< The model is wrong at the clean input: nothing can be said of the witness.
    kNoBudget,      ///< It has neither a recipe with severities nor a norm that the attack knows, or ends its process.
    kNoWitness,     ///< It is stored as a recipe, which could not be rendered again.
    kIncompatible,  ///< The model takes another input, has other classes, or cannot be asked by its oracle.
  };
  std::string id{};
  Outcome outcome = Outcome::kSmallest;
  bool by_recipe = false;  ///< Transforms made it, and simpler ones were looked for.
  double before = 0;       ///< The distance; of recipes the sum of severities.
  double after = 0;
  NewFinding found{};
};

/// For every finding, in order. Where a recipe made the witness: steps dropped and made milder while the failure holds
/// (minimize_recipe.h). Else bisection on the distance, each probe the attack at that budget from the nearest witness
/// so far, beginning with the straight way to the clean input. Every success is verified. Findings keep their budget;
/// what is found names its parent.
[[nodiscard]] std::vector<Minimized> minimize(const Corpus& corpus, const std::vector<std::string>& ids,
                                              const MinimizeSetup& setup);

}  // namespace faultline
