// What can be wrong with a model before any attack: refusals and warnings.
#pragma once

#include <string>
#include <vector>

#include "faultline/core/batch.h"
#include "faultline/core/target.h"

namespace faultline {

/// A sanity check that fired.
struct Warning {
  std::string check{};    ///< A stable name: "train-mode", "probabilities", ...
  std::string message{};  ///< One line.
};

/// Facts about a target at a sample batch.
struct ModelFacts {
  std::int64_t classes = 0;
  bool finite = false;
  bool probabilities = false;    ///< Every row of the output is >= 0 and sums to 1.
  bool repeatable = false;       ///< Two calls gave the same bits.
  bool row_independent = false;  ///< A row's logits are the same bits in another batch of at least the floor size.
};

/// Asks the padded target about a batch of at least one sample. Throws Error (kUsage) when it does not take the shape
/// or does not give [N, K >= 2].
[[nodiscard]] ModelFacts examine(ScoreTarget& target, const Batch& batch);

/// Largest difference of one row's logits between a batch of `rows` and the floor batch; 0 means the same bits.
[[nodiscard]] double batch_effect(ScoreTarget& plain, const Batch& batch, std::int64_t rows);

/// The warnings that follow from the facts.
[[nodiscard]] std::vector<Warning> warnings_of(const ModelFacts& facts);

/// Throws Error (kUsage) when a label has no class in the model.
void check_labels(const std::vector<std::int64_t>& labels, std::int64_t classes);

/// What the gradient of the margin loss is like on a batch.
struct GradientFacts {
  bool zero = false;            ///< On all rows.
  std::int64_t not_finite = 0;  ///< Rows where it holds NaN or infinity.
};

/// Throws Error (kUsage) when the target gives no gradient.
[[nodiscard]] GradientFacts examine_gradient(Target& target, const Batch& batch);

/// The warnings that follow for a gradient attack; `rows` were examined.
[[nodiscard]] std::vector<Warning> warnings_of(const GradientFacts& facts, std::int64_t rows);

}  // namespace faultline
