// Which seeds are changed next: those near a failure more often; those that have failed, or that were tried long
// without getting nearer, less.
#pragma once

#include <cstdint>
#include <vector>

#include "faultline/core/draws.h"

namespace faultline {

/// One of several parts of the seeds: seed % parts == part.
struct SeedPart {
  std::int64_t part = 0;
  std::int64_t parts = 1;

  [[nodiscard]] bool holds(std::int64_t seed) const { return seed % parts == part; }
};

class SeedWeights {
 public:
  /// `margins`: the slack of each clean seed; what counts is how they compare with one another. Only seeds of the part
  /// are drawn; where it has none, all are.
  SeedWeights(const std::vector<double>& margins, const SeedPart& part);

  /// Tells of failures of a seed: each halves its weight, down to a thousandth.
  void broke(std::int64_t seed, std::int64_t times = 1);

  /// Tells that an input made from the seed came as near to failing as `margin`, nearer than any before.
  void came_near(std::int64_t seed, double margin);

  /// Tells that an input made from the seed was no nearer than others before.
  void was_tried(std::int64_t seed);

  /// A seed, with a chance in proportion to its weight.
  [[nodiscard]] std::int64_t drawn(Draws& draws) const;

  [[nodiscard]] const std::vector<std::int64_t>& broken() const { return broken_; }  ///< Failures per seed.

 private:
  struct Standing {
    double margin = 0;  // relative to the median of all seeds
    std::int64_t tries = 0;
  };

  void update(std::size_t seed);

  double median_ = 1;
  std::vector<Standing> standings_;
  std::vector<std::int64_t> broken_;
  std::vector<std::size_t> drawn_from_;  // seeds of the part
  std::vector<double> weights_;          // of all seeds; 0 outside the part
  double sum_ = 0;
};

}  // namespace faultline
