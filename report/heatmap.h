// Shares in a grid as SVG, each cell with its figure and a colour.
//
//   const std::string svg = heatmap_svg({.title = "Accuracy", .columns = {"1", "2"}, .rows = {{"fog", {0.9, 0.4}}}});
#pragma once

#include <string>
#include <vector>

namespace faultline {

struct HeatmapRow {
  std::string name{};
  std::vector<double> values{};  ///< Shares in [0, 1], one per column.
  bool apart = false;            ///< Set off from the row above.
};

struct Heatmap {
  std::string title{};
  std::string subtitle{};
  std::string column_title{};  ///< What the columns are.
  std::vector<std::string> columns{};
  std::vector<HeatmapRow> rows{};
};

/// Dark cells are low, light ones high; the figures are percentages. The same data give the same bytes.
/// Precondition: every row has as many values as there are columns.
[[nodiscard]] std::string heatmap_svg(const Heatmap& map);

}  // namespace faultline
