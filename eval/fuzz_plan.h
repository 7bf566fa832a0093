// Everything that the result of a fuzzing run depends on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faultline/eval/plan.h"
#include "faultline/fuzz/island_pool.h"

namespace faultline {

/// Islands of a run unless told otherwise: more than the cores of most machines, few enough for one to get far.
constexpr int kIslands = 8;

struct FuzzPlan {
  ModelPlan model{};
  DataPlan data{};
  bool contract = false;  ///< Cases of the input contract instead of recipes: what follows does not matter then.
  EngineKind engine = EngineKind::kLibFuzzer;
  std::vector<std::string> oracles{};                   ///< With their options.
  std::vector<std::string> others{};                    ///< SHA-256 of the models that oracles compare with.
  std::vector<std::pair<std::string, int>> mutators{};  ///< With the highest severity of each.
  RecipeLimits limits{};
  std::optional<Norm> norm{};
  double epsilon = 0;
  std::int64_t evaluations = 0;  ///< 0: no limit.
  std::int64_t round = 16384;    ///< Evaluations of an island per round.
  int islands = kIslands;
  FailureQuota quota{};
  bool minimise = true;
  bool recipe_only = false;  ///< Findings are stored as recipes, without their tensors.
  std::uint64_t seed = 0;
};

/// Evaluations of an island per round, for inputs of so many numbers: 2,048 to 16,384, so that large models, which are
/// slow, file what they found as often as small ones.
[[nodiscard]] std::int64_t evaluations_of_a_round(std::int64_t numbers);

/// For run.json.
[[nodiscard]] Json plan_json(const FuzzPlan& plan);

/// 16 hexadecimal digits over everything that affects results.
[[nodiscard]] std::string plan_hash(const FuzzPlan& plan);

}  // namespace faultline
