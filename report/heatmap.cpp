#include "faultline/report/heatmap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "faultline/core/error.h"
#include "faultline/report/plot_style.h"
#include "faultline/report/svg.h"
#include "faultline/report/text_width.h"

namespace faultline {

namespace {

constexpr double kCellWidth = 58;
constexpr double kCellHeight = 24;
constexpr double kEdge = 16;
constexpr double kHead = 84;
constexpr double kRoomApart = 8;
constexpr double kLabelSize = 13;

using Colour = std::array<double, 3>;

/// From dark violet through teal to light yellow, rising evenly in lightness: readable in grey and for people who do
/// not tell red from green.
Colour colour_of(double share) {
  constexpr std::array<Colour, 5> kStops{{{59, 15, 78}, {62, 73, 137}, {38, 130, 142}, {83, 189, 116}, {240, 232, 90}}};
  const double place = std::clamp(share, 0.0, 1.0) * (kStops.size() - 1);
  const auto low = std::min(static_cast<std::size_t>(place), kStops.size() - 2);
  const double part = place - static_cast<double>(low);
  Colour colour{};
  for (std::size_t i = 0; i < colour.size(); ++i) {
    colour.at(i) = kStops.at(low).at(i) * (1 - part) + kStops.at(low + 1).at(i) * part;
  }
  return colour;
}

std::string hexadecimal(const Colour& colour) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "#%02x%02x%02x", static_cast<unsigned>(std::lround(colour[0])),
                static_cast<unsigned>(std::lround(colour[1])), static_cast<unsigned>(std::lround(colour[2])));
  return text.data();
}

/// Black or white, whatever stands out more.
std::string ink_on(const Colour& colour) {
  const double lightness = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2];
  return lightness > 118 ? "#101214" : "#ffffff";
}

std::string percent_text(double share) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%.1f", 100 * share);
  return text.data();
}

class Drawing {
 public:
  explicit Drawing(const Heatmap& map) : map_(map), svg_(width(), height(), root()) {}

  std::string finish() {
    svg_.text("title", {}, map_.title);
    svg_.text("desc", {}, description());
    svg_.style(plot_style());
    svg_.element("rect", painted({{"width", "100%"}, {"height", "100%"}}, "fill", "paper"));
    heading();
    double top = kHead;
    for (const HeatmapRow& row : map_.rows) {
      top += row.apart ? kRoomApart : 0;
      draw(row, top);
      top += kCellHeight;
    }
    return svg_.finish();
  }

 private:
  [[nodiscard]] double label_width() const {
    double widest = 60;
    for (const HeatmapRow& row : map_.rows) {
      widest = std::max(widest, text_width(row.name, kLabelSize));
    }
    return widest + 12;
  }

  [[nodiscard]] double width() const {
    const double grid = label_width() + kCellWidth * static_cast<double>(map_.columns.size());
    return 2 * kEdge + std::max({grid, text_width(map_.title, 16) * kBold, text_width(map_.subtitle, 12)});
  }

  [[nodiscard]] double height() const {
    double rows = 0;
    for (const HeatmapRow& row : map_.rows) {
      rows += kCellHeight + (row.apart ? kRoomApart : 0);
    }
    return kHead + rows + kEdge;
  }

  [[nodiscard]] SvgAttributes root() const {
    return {{"class", "faultline-plot"}, {"role", "img"}, {"font-family", "system-ui, sans-serif"}};
  }

  [[nodiscard]] std::string description() const {
    std::string text = map_.subtitle;
    for (const HeatmapRow& row : map_.rows) {
      text += " " + row.name + ":";
      for (const double value : row.values) {
        text += " " + percent_text(value) + " %";
      }
      text += ".";
    }
    return text;
  }

  void heading() {
    svg_.text(
        "text",
        painted({{"x", svg_number(kEdge)}, {"y", "28"}, {"font-size", "16"}, {"font-weight", "600"}}, "fill", "ink"),
        map_.title);
    svg_.text("text", painted({{"x", svg_number(kEdge)}, {"y", "47"}, {"font-size", "12"}}, "fill", "muted"),
              map_.subtitle);
    const double left = kEdge + label_width();
    svg_.text("text",
              painted({{"x", svg_number(left - 8)}, {"y", "76"}, {"font-size", "12"}, {"text-anchor", "end"}}, "fill",
                      "muted"),
              map_.column_title);
    for (std::size_t i = 0; i < map_.columns.size(); ++i) {
      svg_.text("text",
                painted({{"x", svg_number(left + kCellWidth * (static_cast<double>(i) + 0.5))},
                         {"y", "76"},
                         {"font-size", "12"},
                         {"text-anchor", "middle"}},
                        "fill", "muted"),
                map_.columns[i]);
    }
  }

  void draw(const HeatmapRow& row, double top) {
    FAULTLINE_ASSERT(row.values.size() == map_.columns.size(), "one value per column");
    const double left = kEdge + label_width();
    const std::string baseline = svg_number(top + kCellHeight / 2 + 4.5);
    svg_.text("text",
              painted({{"x", svg_number(left - 8)},
                       {"y", baseline},
                       {"font-size", svg_number(kLabelSize)},
                       {"text-anchor", "end"}},
                      "fill", "ink"),
              row.name);
    for (std::size_t i = 0; i < row.values.size(); ++i) {
      const Colour colour = colour_of(row.values[i]);
      const double x = left + kCellWidth * static_cast<double>(i);
      svg_.element("rect", {{"x", svg_number(x)},
                            {"y", svg_number(top)},
                            {"width", svg_number(kCellWidth - 1)},
                            {"height", svg_number(kCellHeight - 1)},
                            {"fill", hexadecimal(colour)}});
      svg_.text("text",
                {{"x", svg_number(x + kCellWidth / 2)},
                 {"y", baseline},
                 {"font-size", "12"},
                 {"text-anchor", "middle"},
                 {"fill", ink_on(colour)}},
                percent_text(row.values[i]));
    }
  }

  const Heatmap& map_;
  SvgWriter svg_;
};

}  // namespace

std::string heatmap_svg(const Heatmap& map) { return Drawing(map).finish(); }

}  // namespace faultline
