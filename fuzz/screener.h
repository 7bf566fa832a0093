// Renders inputs and asks the model about them, many at once.
//
//   Screener screener(task, target);
//   for (const Screened& one : screener.screen(inputs)) { if (one.failed()) ... }
#pragma once

#include <optional>
#include <vector>

#include "faultline/core/batch.h"
#include "faultline/core/norm.h"
#include "faultline/core/oracle.h"
#include "faultline/fuzz/features.h"
#include "faultline/fuzz/fuzz_input.h"

namespace faultline {

/// What fuzzing starts from, and what it may do. All of it must outlive the run.
struct FuzzTask {
  const Batch& seeds;     ///< [N, C, H, W] on the device of the model; right on the model.
  const Tensor& clean;    ///< The seeds' inputs on the host.
  const Tensor& margins;  ///< [N] float64 on the host: the slack of each seed.
  const Bounds& bounds;
  const RecipeSpace& space;
  const OracleJudge& judge;    ///< Of the seeds.
  const Tensor& gradients;     ///< [N, C, H, W] on the host; undefined unless the space needs them.
  std::optional<Norm> norm{};  ///< Every rendered input is projected into the ball of this norm ...
  double epsilon = 0;          ///< ... and radius.

  /// The inputs [M, C, H, W] on the host. A pure function.
  [[nodiscard]] Tensor render(const std::vector<FuzzInput>& inputs) const;
};

/// What became of one input.
struct Screened {
  FuzzInput input{};
  double slack = 0;  ///< As of the judge; NaN: no answer.
  double tolerance = 0;
  std::int64_t prediction = -1;
  double confidence = 0;
  std::int64_t oracle = -1;  ///< Number of the oracle it fails, or -1.
  double distance = 0;       ///< L2 from the seed; of failures only.
  int severity = 0;
  Features features{};
  bool came_nearer = false;  ///< Than anything made from its seed before, clearly; an island says so.

  [[nodiscard]] bool failed() const { return oracle >= 0; }
};

class Screener {
 public:
  /// `target` pads to the floor batch. Both must outlive it.
  Screener(const FuzzTask& task, ScoreTarget& target)
      : task_(task), target_(target), labels_(task.seeds.labels.cpu().contiguous()) {}

  /// One forward.
  [[nodiscard]] std::vector<Screened> screen(std::vector<FuzzInput> inputs) const;

  /// Of a seed.
  [[nodiscard]] std::int64_t label(std::int64_t seed) const { return labels_.const_data_ptr<std::int64_t>()[seed]; }

 private:
  const FuzzTask& task_;
  ScoreTarget& target_;
  Tensor labels_;  // on the host
};

}  // namespace faultline
