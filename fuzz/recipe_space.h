// What recipes of a fuzzing run may be made of, and how severe they are.
//
//   const RecipeSpace space({{&registry.at("rotate"), 4}}, /*shape=*/{1, 28, 28}, {});
//   space.clip(recipe);                       // now space.contains(recipe)
//   const Tensor input = space.render(recipe, clean, bounds);
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "faultline/core/mutator_registry.h"
#include "faultline/core/recipe.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// Steps of one recipe at most; its binary form has room for as many.
constexpr std::size_t kMostRecipeSteps = 8;

struct RecipeLimits {
  std::size_t steps = kMostRecipeSteps;  ///< At most.
  int validity = 5;                      ///< The sum of the steps' severities at most.
};

/// A mutator with the highest severity it may have.
struct AllowedMutator {
  const MutatorRegistry::Entry* mutator = nullptr;
  int severity = kSeverities;
};

/// What one parameter may be at a severity.
struct ParameterRange {
  double lower = 0;
  double upper = 0;
  double mildest = 0;  ///< The value that changes least.
  bool integer = false;

  [[nodiscard]] bool contains(double value) const;
  /// The nearest value that it contains; the mildest of what is no number.
  [[nodiscard]] double nearest(double value) const;
};

/// Mutators for images of one shape [C, H, W]. Values are float32 numbers, as recipes store them. The registry's
/// entries must outlive it.
class RecipeSpace {
 public:
  /// Leaves out mutators that skip images of that shape. Throws Error (kUsage) when none is left. Precondition: at most
  /// 256 are.
  RecipeSpace(const std::vector<AllowedMutator>& mutators, const std::vector<std::int64_t>& shape,
              const RecipeLimits& limits);

  [[nodiscard]] std::size_t size() const { return choices_.size(); }
  [[nodiscard]] const MutatorRegistry::Entry& mutator(std::size_t number) const { return *choices_[number].mutator; }
  [[nodiscard]] int most_severe(std::size_t number) const { return choices_[number].severity; }
  [[nodiscard]] const RecipeLimits& limits() const { return limits_; }

  /// One range per parameter at a severity 1 .. most_severe().
  [[nodiscard]] const std::vector<ParameterRange>& ranges(std::size_t number, int severity) const;

  /// The number of a mutator; size() when it is not one of these.
  [[nodiscard]] std::size_t number_of(const std::string& mutator) const;

  /// The lowest severity 1 .. most_severe() whose ranges hold the step's values; 0 when none does.
  [[nodiscard]] int severity(const RecipeStep& step) const;
  /// The sum over its steps. Precondition: contains(recipe).
  [[nodiscard]] int severity(const Recipe& recipe) const;

  /// Whether the recipe keeps the limits, with mutators of these in their versions and values in their ranges.
  [[nodiscard]] bool contains(const Recipe& recipe) const;

  /// Makes any recipe one of this space: unknown mutators are dropped, values moved into their ranges, then steps
  /// dropped from where a limit is passed.
  void clip(Recipe& recipe) const;

  /// Whether a mutator needs a model's gradient at the clean input.
  [[nodiscard]] bool needs_gradient() const;

  /// That of each step. Precondition: contains(recipe).
  [[nodiscard]] std::vector<const MutatorRegistry::Entry*> mutators_of(const Recipe& recipe) const;

  /// The input [C, H, W] float32 on the CPU as the recipe leaves a copy of it; `gradient` as of rendered().
  [[nodiscard]] Tensor render(const Recipe& recipe, const Tensor& input, const Bounds& bounds,
                              const Tensor& gradient = {}) const;

 private:
  struct ChosenMutator {
    const MutatorRegistry::Entry* mutator = nullptr;
    int severity = 1;
    std::array<std::vector<ParameterRange>, kSeverities> ranges{};
  };

  std::vector<ChosenMutator> choices_;
  std::unordered_map<std::string, std::size_t> numbers_;
  RecipeLimits limits_;
};

}  // namespace faultline
