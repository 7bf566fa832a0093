// A grid over a space of transforms that costs no more than a number of queries.
//
//   const TransformGrid grid = grid_over(space, /*queries=*/121);
//   for (const std::vector<double>& point : grid.points) { ... }
#pragma once

#include <cstdint>
#include <vector>

#include "faultline/core/transform_space.h"

namespace faultline {

struct TransformGrid {
  std::vector<std::vector<double>> points{};  ///< The mildest first; one value per axis.
  std::int64_t draws = 1;                     ///< Keys to try at each point: more than one where transforms are random.
};

/// Axes get as many points as the root of the queries; a list of fewer values leaves the rest to the intervals, which
/// are treated alike, and the keys count as one more axis. An interval whose ends are whole numbers is divided at whole
/// fractions of its unit, so that whole pixels and degrees are on the grid; others evenly, in an odd number when the
/// mildest value is their middle. Throws Error (kUsage) when an axis would be left with one point.
[[nodiscard]] TransformGrid grid_over(const TransformSpace& space, std::int64_t queries);

/// At most `most` values of an axis, rising, its ends among them. Precondition: most >= 2 or the axis is fixed.
[[nodiscard]] std::vector<double> values_on(const TransformAxis& axis, std::int64_t most);

}  // namespace faultline
