// What a run calls new: counters that an input sets, each at one of eight levels, as libFuzzer sees 8-bit counters.
// Stateless: a function of the input and what the model says of it, so that corpora merge and runs repeat.
//
// Class x confidence (co-domain coverage, arXiv:2408.06766), margin of the seed on a ladder, confusion pair, oracle
// that failed, and mutator x severity of failures. Neuron coverage is not built: docs/fuzzing.md says why.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

namespace faultline {

/// counter * kLevels + level.
using Feature = std::uint32_t;
using Features = std::vector<Feature>;

constexpr std::uint32_t kLevels = 8;

/// Counters per kind, one kind after another.
constexpr std::uint32_t kClassCounters = 256 * 16;
constexpr std::uint32_t kLadderCounters = 1024;
constexpr std::uint32_t kConfusionCounters = 512;
constexpr std::uint32_t kOracleCounters = 64;
constexpr std::uint32_t kStepCounters = 256 * 5;
constexpr std::uint32_t kCounters =
    kClassCounters + kLadderCounters + kConfusionCounters + kOracleCounters + kStepCounters;

/// What features are made of.
struct Observed {
  std::int64_t seed = 0;
  std::int64_t label = 0;
  std::int64_t prediction = 0;
  double confidence = 0;
  double relative_margin = 0;                          ///< Slack / the seed's slack: 1 as the seed, below 0 a failure.
  std::int64_t oracle = -1;                            ///< That it fails; -1: none.
  std::vector<std::pair<std::uint32_t, int>> steps{};  ///< Mutators by number with severities 1 .. 5.
};

[[nodiscard]] Features features_of(const Observed& observed);

/// The value of an 8-bit counter whose bucket in libFuzzer is the level: 1, 2, 3, 4, 8, 16, 32, 128.
[[nodiscard]] std::uint8_t counter_value(Feature feature);

/// The features that have been seen.
class FeatureMap {
 public:
  /// How many of these are new.
  [[nodiscard]] std::size_t count_new(const Features& features) const;
  /// Adds them; returns how many were new.
  std::size_t add(const Features& features);
  [[nodiscard]] std::size_t size() const { return seen_.size(); }

 private:
  std::unordered_set<Feature> seen_;
};

}  // namespace faultline
