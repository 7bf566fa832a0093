// How measured shares change from run to run, as SVG: a line per stage, a bar for each interval.
//
//   const std::string svg = trend_svg({.title = "robust_accuracy", .runs = {"11-24", "11-25"}, .lines = lines});
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "faultline/statistics/proportion.h"

namespace faultline {

struct TrendPoint {
  std::size_t run = 0;  ///< Its place in Trend::runs.
  Interval share{};     ///< In [0, 1].
  bool joined = true;   ///< Whether the line leads here from the point before: not when the setting changed in between.
};

struct TrendLine {
  std::string name{};
  std::vector<TrendPoint> points{};  ///< In the order of the runs.
};

struct Trend {
  std::string title{};
  std::vector<std::string> runs{};  ///< What stands below the axis, of at most ten of them.
  std::vector<TrendLine> lines{};
};

/// Self-contained like curve_svg(). The axis of shares is cut to what the intervals cover, rounded to a tenth.
/// Precondition: at least one run, and one line with a point.
[[nodiscard]] std::string trend_svg(const Trend& trend);

}  // namespace faultline
