// The inputs that a family of transforms reaches: what a search over transforms looks through, and what its results
// must lie in.
//
//   TransformSpace space;
//   space.add(registry.at("rotate"), {{.lower = -30, .upper = 30}});
//   const Recipe recipe = space.recipe(std::vector{12.5}, /*key=*/1);
//   const Tensor turned = space.render(recipe, input, bounds);
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "faultline/core/mutator_registry.h"
#include "faultline/core/recipe.h"
#include "faultline/core/tensor.h"
#include "faultline/core/threat_model.h"

namespace faultline {

/// Steps of one recipe at most.
constexpr std::size_t kMostTransformSteps = 8;

/// What one parameter may be: an interval, or a few values.
struct TransformAxis {
  std::string name{};  ///< "rotate.degrees".
  double lower = 0;
  double upper = 0;              ///< Equal to `lower`: fixed, nothing to search.
  double mildest = 0;            ///< The value in between that changes least.
  std::vector<double> values{};  ///< Not empty: these only, rising from `lower` to `upper`.

  [[nodiscard]] bool fixed() const { return lower == upper; }
  [[nodiscard]] bool contains(double value) const;
};

/// Mutators one after another, each with what its parameters may be. The mutators must outlive it.
class TransformSpace {
 public:
  /// Adds a step with one axis per parameter.
  void add(const MutatorRegistry::Entry& mutator, std::vector<TransformAxis> parameters);

  /// Adds a step whose parameters are one row of the table; its one axis is the number of the row, from 1.
  void add(const MutatorRegistry::Entry& mutator, std::string name, std::vector<std::vector<double>> table);

  /// What is to be searched: the axes that are not fixed, in order of the steps.
  [[nodiscard]] std::vector<TransformAxis> axes() const;

  /// The mutators, one per step.
  [[nodiscard]] std::vector<const MutatorRegistry::Entry*> mutators() const;

  /// Whether a mutator among them draws random numbers: then the key matters too.
  [[nodiscard]] bool random() const;

  /// Whether a mutator among them needs a model's gradient at the clean input.
  [[nodiscard]] bool needs_gradient() const;

  /// The same space with one of axes(), which must be there, narrowed to `values`, rising, at least one.
  [[nodiscard]] TransformSpace narrowed(const std::string& axis, std::vector<double> values) const;

  /// The recipe at a point: one value per axis of axes().
  [[nodiscard]] Recipe recipe(std::span<const double> point, std::uint64_t key) const;

  /// Whether the recipe is one of this space: its mutators in their versions, with values on the axes.
  [[nodiscard]] bool contains(const Recipe& recipe) const;

  /// The input [C, H, W] float32 on the CPU, values between the bounds, as the recipe of this space leaves a copy of
  /// it. `gradient` has the shape of the input; it may be undefined unless needs_gradient().
  [[nodiscard]] Tensor render(const Recipe& recipe, const Tensor& input, const Bounds& bounds,
                              const Tensor& gradient = {}) const;

 private:
  struct Step {
    const MutatorRegistry::Entry* mutator = nullptr;
    std::vector<TransformAxis> axes{};         // one per parameter; of a table one
    std::vector<std::vector<double>> table{};  // empty: the axes are the parameters

    [[nodiscard]] std::vector<double> parameters(const std::vector<double>& values) const;
    [[nodiscard]] bool reaches(const std::vector<double>& parameters) const;
  };

  std::vector<Step> steps_;
};

}  // namespace faultline
