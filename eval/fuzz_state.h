// A fuzzing run between two rounds: what the next one depends on, and what a killed run continues from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "faultline/data/json.h"
#include "faultline/fuzz/island.h"

namespace faultline {

struct FuzzState {
  std::uint64_t round = 0;  ///< Rounds that are done.
  std::int64_t evaluations = 0;
  std::int64_t minimisation = 0;  ///< Evaluations spent on making failures smaller.
  std::int64_t screened = 0;
  std::int64_t first_failure = -1;  ///< Evaluations until there was one, islands taken in step; -1: there was none.
  double seconds = 0;
  std::vector<CorpusEntry> corpus{};
  std::vector<std::int64_t> broken{};  ///< Failures per seed.
  std::vector<Champion> champions{};   ///< One of each seed that has one, in order of the seeds.
  std::vector<DeadlyInput> deadly{};
  std::vector<FuzzFailure> admitted{};  ///< Failures that the run's quota let in, in order.
  std::int64_t accepted = 0;            ///< Of these, by the verifier.
  std::int64_t near_ties = 0;
  std::int64_t rejected = 0;
  std::vector<std::int64_t> verified_seeds{};  ///< With accepted failures; sorted.
  std::vector<std::string> clusters{};         ///< Signatures of accepted failures; sorted.
  std::int64_t added = 0;                      ///< To the failure corpus.
  std::int64_t known = 0;                      ///< There before.
};

[[nodiscard]] Json state_json(const FuzzState& state, const RecipeSpace& space);

/// Throws Error (kUsage) that begins with `name` when it is no state of such a run.
[[nodiscard]] FuzzState parse_state(const std::string& text, const RecipeSpace& space, std::int64_t seeds,
                                    const std::string& name);

}  // namespace faultline
