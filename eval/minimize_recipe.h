// Simpler recipes: the same failure with fewer steps, or milder ones.
//
//   RecipeSearch search(target, parents, oracle, classes, setup);
//   for (Minimized& minimized : search.run()) { ... }
#pragma once

#include <memory>
#include <vector>

#include "faultline/core/recipe.h"
#include "faultline/eval/minimize.h"
#include "faultline/fuzz/failure_log.h"
#include "faultline/fuzz/screener.h"

namespace faultline {

/// A finding with the recipe that makes its witness.
struct RecipeParent {
  const StoredFinding* stored = nullptr;
  Recipe recipe{};
  bool recipe_only = false;  ///< As what is found from it shall be stored.
};

/// Whether every step is within level 5 of its mutator: severities say nothing about what goes beyond.
[[nodiscard]] bool has_severity(const RecipeParent& parent, const MutatorRegistry& mutators);

/// Searches for findings of one kind and one budget. Delta debugging as in fuzz/minimise_recipe.h; whatever it ends
/// with is rendered and verified again, and names its parent. Precondition: has_severity() of each. Everything it is
/// made from must outlive it.
class RecipeSearch {
 public:
  /// `oracles` holds that of the findings.
  RecipeSearch(TargetStack& target, const std::vector<RecipeParent>& parents,
               const std::vector<ConfiguredOracle>& oracles, std::int64_t classes, const MinimizeSetup& setup);

  /// One for every parent, in order.
  [[nodiscard]] std::vector<Minimized> run();

 private:
  [[nodiscard]] std::vector<FuzzInput> first_inputs() const;
  [[nodiscard]] Minimized before(std::size_t place, const Answer& clean, const Screened& now) const;
  void verify_smaller(const std::vector<FuzzFailure>& simpler, const std::vector<Answer>& clean,
                      std::vector<Minimized>& results);
  [[nodiscard]] NewFinding found(const FuzzFailure& failure, const Answer& clean, const Verdict& verdict,
                                 const Tensor& witness) const;

  TargetStack& target_;
  const std::vector<RecipeParent>& parents_;
  const std::vector<ConfiguredOracle>& oracles_;
  std::int64_t classes_;
  const MinimizeSetup& setup_;
  Batch batch_;
  Tensor clean_;  // on the host
  Bounds bounds_;
  RecipeSpace space_;
  std::unique_ptr<OracleJudge> judge_;
  Tensor margins_;
  Tensor no_gradients_;
  std::unique_ptr<FuzzTask> task_;
};

}  // namespace faultline
