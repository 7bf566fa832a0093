#include "faultline/report/ascii_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "faultline/core/error.h"
#include "faultline/report/axis.h"

namespace faultline {

namespace {

constexpr int kMinimumWidth = 60;
constexpr int kMaximumWidth = 100;
constexpr int kRows = 21;         // one per 5 %, both ends included
constexpr int kMargin = 8;        // columns left of the plot: "100 % |"
constexpr int kRightRoom = 2;     // for the half of the last tick's label
constexpr int kTickColumns = 10;  // at least so many for each tick
constexpr std::array<char, kMaximumAsciiCurves> kMarks = {'*', 'o', '+'};

std::string printable(std::string_view text, std::size_t width) {
  std::string result;
  for (const char c : text.substr(0, width)) {
    result += c >= ' ' && c <= '~' ? c : '?';
  }
  if (text.size() > width) {
    result.replace(width - 3, 3, "...");
  }
  return result;
}

int row_of(double share) { return static_cast<int>(std::lround((1 - std::clamp(share, 0.0, 1.0)) * (kRows - 1))); }

// Draws the curve; a fall of more than one row becomes a column of '|' between its two ends.
void draw(std::vector<std::string>& canvas, const Curve& curve, char mark, double end) {
  const int columns = static_cast<int>(canvas.front().size());
  int above = -1;
  for (int column = 0; column < columns; ++column) {
    const int row = row_of(value_at(curve, end * column / (columns - 1)));
    const auto at = [&](int r) -> char& {
      return canvas[static_cast<std::size_t>(r)][static_cast<std::size_t>(column)];
    };
    for (int r = above + 1; above >= 0 && r < row; ++r) {
      at(r) = at(r) == ' ' ? '|' : at(r);
    }
    at(row) = mark;
    above = row;
  }
}

std::string x_axis(double end, int columns) {
  std::string line(kMargin - 1, ' ');
  line += "+" + std::string(static_cast<std::size_t>(columns), '-') + "\n";
  std::string labels(static_cast<std::size_t>(kMargin + columns + kRightRoom), ' ');
  std::size_t free = 0;
  for (const Tick& tick : ticks_to(end, columns / kTickColumns)) {
    const auto place = static_cast<std::size_t>(kMargin + std::lround(tick.value / end * (columns - 1)));
    const std::size_t last = labels.size() - std::min(labels.size(), tick.label.size());
    const std::size_t begin = std::min(place - tick.label.size() / 2, last);
    if (begin >= free) {
      line[place] = '+';
      labels.replace(begin, tick.label.size(), tick.label);
      free = begin + tick.label.size() + 1;
    }
  }
  labels.erase(labels.find_last_not_of(' ') + 1);
  return line + labels + "\n";
}

std::string y_label(int row) {
  if (row % 4 != 0) {
    return std::string(kMargin - 1, ' ') + "|";
  }
  const std::string digits = std::to_string(100 - 5 * row);
  return std::string(3 - digits.size(), ' ') + digits + " %  +";
}

std::string legend_line(const Curve& curve, char mark, std::size_t width) {
  const std::string samples = curve.steps.empty() ? " (no samples)" : " (n = " + std::to_string(curve.samples) + ")";
  const std::string begin = "  " + std::string(3, mark) + " ";
  return begin + printable(curve.name, width - begin.size() - samples.size()) + samples + "\n";
}

}  // namespace

std::string curve_ascii(const PlotLabels& labels, std::span<const Curve> curves, int width) {
  FAULTLINE_ASSERT(curves.size() <= kMaximumAsciiCurves, "there are marks for three curves");
  const int columns = std::clamp(width, kMinimumWidth, kMaximumWidth) - kMargin - kRightRoom;
  const auto line_width = static_cast<std::size_t>(columns + kMargin + kRightRoom);
  const double end = epsilon_end(labels, curves);
  std::vector<std::string> canvas(kRows, std::string(static_cast<std::size_t>(columns), ' '));
  std::string text = labels.title.empty() ? "" : printable(labels.title, line_width) + "\n";
  text += labels.subtitle.empty() ? "" : printable(labels.subtitle, line_width) + "\n";
  for (std::size_t i = 0; i < curves.size(); ++i) {
    text += legend_line(curves[i], kMarks[i], line_width);
    if (!curves[i].steps.empty()) {
      draw(canvas, curves[i], kMarks[i], end);
    }
  }
  text += printable(labels.y_label, line_width) + "\n";
  for (int row = 0; row < kRows; ++row) {
    std::string line = y_label(row) + canvas[static_cast<std::size_t>(row)];
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  const std::string name = printable(labels.x_label, static_cast<std::size_t>(columns));
  const std::size_t indent = kMargin + (static_cast<std::size_t>(columns) - name.size()) / 2;
  return text + x_axis(end, columns) + std::string(indent, ' ') + name + "\n";
}

}  // namespace faultline
