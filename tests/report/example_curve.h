// The curve that the tests of plots draw.
#pragma once

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "faultline/report/plot.h"

namespace faultline {

/// The distance of a sample that no attack broke.
constexpr double kNotFound = std::numeric_limits<double>::infinity();

/// Five samples: one wrong, two that break at 0.1, one at 0.2, one never.
inline Curve example_curve(std::string name = "WK17a", const std::vector<double>& probes = {}) {
  return curve_of(std::move(name), SurvivalCurve(std::vector<double>{0, 0.1, 0.1, 0.2, kNotFound}), probes);
}

}  // namespace faultline
