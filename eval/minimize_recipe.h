// Simpler recipes: the same failure with fewer steps, or milder ones.
//
//   RecipeSearch search(target, parents, oracles, classes, setup);
//   for (Minimized& minimized : search.run()) { ... }
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "faultline/core/recipe.h"
#include "faultline/eval/minimize.h"
#include "faultline/fuzz/failure_log.h"
#include "faultline/fuzz/screener.h"

namespace faultline {

/// A finding with a recipe for its witness.
struct RecipeParent {
  const StoredFinding* stored = nullptr;
  Recipe recipe{};
  const Discovery* made_from = nullptr;  ///< Of a finding that is stored as a recipe: the one that gave it its tensors.
};

/// The shortest recipe that makes the witness of a finding, of those that its discoveries tell, with its numbers as
/// recipes of fuzzing hold them, float32. Nothing when none does, or when a number lies beyond level 5 of its mutator,
/// where severities say nothing, or a step follows a gradient. Precondition: the finding has tensors.
[[nodiscard]] std::optional<Recipe> recipe_to_minimize(const StoredFinding& stored, const MutatorRegistry& mutators);

/// Searches for findings of one kind and one budget. Delta debugging as in fuzz/minimise_recipe.h; whatever it ends
/// with is rendered and verified again, and names its parent. An input on which the model throws does not fail.
/// Everything it is made from must outlive it.
class RecipeSearch {
 public:
  /// `oracles` holds that of the findings. Throws Error (kUsage) when the model cannot be asked by it.
  RecipeSearch(TargetStack& target, const std::vector<RecipeParent>& parents,
               const std::vector<ConfiguredOracle>& oracles, std::int64_t classes, const MinimizeSetup& setup);
  RecipeSearch(const RecipeSearch&) = delete;
  RecipeSearch& operator=(const RecipeSearch&) = delete;

  /// One for every parent, in order.
  [[nodiscard]] std::vector<Minimized> run();

 private:
  [[nodiscard]] std::vector<Screened> screened_parents(const Screener& screener) const;
  [[nodiscard]] std::vector<Minimized> before(const std::vector<Screened>& now);
  void verify_simpler(std::vector<FuzzFailure> simpler, std::vector<Minimized>& results);
  [[nodiscard]] NewFinding found(const Screened& simpler, const Verdict& verdict, const Tensor& witness) const;

  TargetStack& target_;
  const std::vector<RecipeParent>& parents_;
  std::int64_t classes_;
  const MinimizeSetup& setup_;
  Batch batch_;          // starts: the witnesses
  Tensor clean_inputs_;  // on the host
  Bounds bounds_;
  RecipeSpace space_;
  std::unique_ptr<OracleJudge> judge_;
  std::vector<Answer> clean_;
  Tensor margins_;
  Tensor no_gradients_;
  std::unique_ptr<FuzzTask> task_;
};

}  // namespace faultline
