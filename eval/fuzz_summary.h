// The figures of a fuzzing run: what --json prints and summary.json holds, schema faultline.fuzz/1.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faultline/eval/fuzz_run.h"
#include "faultline/eval/model_check.h"

namespace faultline {

/// One engine's part.
struct FuzzFigures {
  EngineKind engine = EngineKind::kLibFuzzer;
  FuzzState state{};
  FuzzEnd end = FuzzEnd::kEvaluations;

  [[nodiscard]] double evaluations_per_second() const {
    return state.seconds > 0 ? static_cast<double>(state.evaluations) / state.seconds : 0;
  }
};

struct FuzzSummary {
  FuzzFigures main{};
  std::optional<FuzzFigures> baseline{};
  std::int64_t samples = 0;
  std::int64_t seeds = 0;
  bool repeatable = true;  ///< Whether the same command gives the same result: no clock ended it.
  std::string corpus{};    ///< Where findings are; empty: nowhere.
  std::vector<Warning> warnings{};
};

[[nodiscard]] Json summary_json(const FuzzPlan& plan, const FuzzSummary& summary);

}  // namespace faultline
