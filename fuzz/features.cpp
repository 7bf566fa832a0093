#include "faultline/fuzz/features.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace faultline {

namespace {

std::uint32_t modulo(std::int64_t value, std::uint32_t count) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) % count);
}

std::uint32_t confidence_bin(double confidence) {
  return std::isfinite(confidence) ? static_cast<std::uint32_t>(std::clamp(confidence * 16, 0.0, 15.0)) : 15;
}

/// 0: as far as the seed, or farther, up to 7: failed.
std::uint32_t ladder_level(double relative_margin) {
  constexpr std::array<double, 7> kRungs{1, 0.75, 0.5, 0.3, 0.15, 0.05, 0};
  std::uint32_t level = 0;
  for (const double rung : kRungs) {
    level += relative_margin < rung ? 1 : 0;
  }
  return level;
}

}  // namespace

Features features_of(const Observed& observed) {
  std::uint32_t base = 0;
  Features features;
  const auto add = [&](std::uint32_t counter, std::uint32_t level, std::uint32_t counters) {
    features.push_back((base + counter) * kLevels + level);
    base += counters;
  };
  add(modulo(observed.prediction, 256) * 16 + confidence_bin(observed.confidence), 0, kClassCounters);
  add(modulo(observed.seed, kLadderCounters), ladder_level(observed.relative_margin), kLadderCounters);
  const bool failed = observed.oracle >= 0;
  if (observed.prediction != observed.label) {
    add(modulo(observed.label * 31 + observed.prediction, kConfusionCounters), 0, kConfusionCounters);
  } else {
    base += kConfusionCounters;
  }
  if (failed) {
    add(modulo(observed.oracle, kOracleCounters), 0, kOracleCounters);
    for (const auto& [mutator, severity] : observed.steps) {
      features.push_back((base + modulo(mutator, 256) * 5 + static_cast<std::uint32_t>(severity - 1)) * kLevels);
    }
  }
  std::ranges::sort(features);
  features.erase(std::unique(features.begin(), features.end()), features.end());
  return features;
}

std::uint8_t counter_value(Feature feature) {
  constexpr std::array<std::uint8_t, kLevels> kValues{1, 2, 3, 4, 8, 16, 32, 128};
  return kValues.at(feature % kLevels);
}

std::size_t FeatureMap::count_new(const Features& features) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(features, [&](Feature feature) { return !seen_.contains(feature); }));
}

std::size_t FeatureMap::add(const Features& features) {
  const std::size_t before = seen_.size();
  seen_.insert(features.begin(), features.end());
  return seen_.size() - before;
}

}  // namespace faultline
