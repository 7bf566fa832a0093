// What stands inside the axes: bands, lines, probes and names.
#include <algorithm>
#include <cmath>

#include "faultline/core/error.h"
#include "faultline/report/plot_drawing.h"
#include "faultline/report/plot_style.h"
#include "faultline/report/text_width.h"

namespace faultline {

namespace {

// All in pixels.
constexpr double kColumn = 0.5;  // falls nearer to each other than this are drawn as one
constexpr double kWhisker = 5;
constexpr double kMarker = 4.5;
constexpr double kNameSize = 12.5;
constexpr double kNameHeight = 14;
constexpr double kNameWidth = 200;
constexpr double kNameGap = 7;      // from its curve; more where there is a band, but not more than
constexpr double kLargestGap = 24;  // this
constexpr double kBaseline = 11;    // of a name, below the top of its box

}  // namespace

std::string pixels(double value) { return svg_number(std::round(value * 100) / 100); }

// The corners of the curve moved up by `shift` shares, from left to right. Falls within one column are drawn as one: a
// file stays small however many samples there are, and nothing moves by more than a column.
std::vector<PlotDrawing::Point> PlotDrawing::stairs(const Curve& curve, double shift) const {
  std::vector<Point> corners{{area_.left, y_of(curve.steps.front().value + shift)}};
  for (const CurveStep& step : curve.steps) {
    const double x = x_of(step.epsilon);
    const double y = y_of(step.value + shift);
    if (x > area_.right || y <= corners.back().y) {
      continue;
    }
    if (x >= corners.back().x + kColumn) {
      corners.push_back({x, corners.back().y});
      corners.push_back({x, y});
    } else if (corners.size() > 1) {
      corners.back().y = y;
    } else {
      corners.push_back({corners.back().x, y});
    }
  }
  corners.push_back({area_.right, corners.back().y});
  return corners;
}

std::string PlotDrawing::path_through(std::span<const Point> points) {
  std::string path = "M" + pixels(points.front().x) + " " + pixels(points.front().y);
  for (std::size_t i = 1; i < points.size(); ++i) {
    path += points[i].y == points[i - 1].y ? "H" + pixels(points[i].x) : "V" + pixels(points[i].y);
  }
  return path;
}

void PlotDrawing::bands() {
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    const Curve& curve = curves_[i];
    if (curve.steps.empty() || curve.band_half_width <= 0) {
      continue;
    }
    std::vector<Point> outline = stairs(curve, curve.band_half_width);
    const std::vector<Point> below = stairs(curve, -curve.band_half_width);
    outline.insert(outline.end(), below.rbegin(), below.rend());
    svg_.element("path",
                 painted({{"d", path_through(outline) + "Z"}, {"fill-opacity", "0.16"}}, "fill", line_paint(i)));
  }
}

void PlotDrawing::lines() {
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    if (curves_[i].steps.empty()) {
      continue;
    }
    SvgAttributes attributes{{"d", path_through(stairs(curves_[i], 0))},
                             {"fill", "none"},
                             {"stroke-width", "2.25"},
                             {"stroke-linejoin", "round"}};
    if (!dashes(i).empty()) {
      attributes.emplace_back("stroke-dasharray", dashes(i));
    }
    svg_.element("path", painted(std::move(attributes), "stroke", line_paint(i)));
  }
  const bool none = std::ranges::all_of(curves_, [](const Curve& curve) { return curve.steps.empty(); });
  if (none) {
    label((area_.left + area_.right) / 2, (area_.top + area_.bottom) / 2, "middle", "muted", "no samples");
  }
}

void PlotDrawing::marker(std::size_t curve, double x, double y) {
  const auto shape = [&](std::string_view name, SvgAttributes attributes) {
    attributes.emplace_back("stroke-width", "1.5");
    svg_.element(name, painted(painted(std::move(attributes), "stroke", "paper"), "fill", line_paint(curve)));
  };
  const auto polygon = [&](std::span<const Point> corners) {
    std::string points;
    for (const Point& corner : corners) {
      points += (points.empty() ? "" : " ") + pixels(x + corner.x) + "," + pixels(y + corner.y);
    }
    shape("polygon", {{"points", points}});
  };
  constexpr double r = kMarker;
  switch (curve % 3) {
    case 0:
      shape("circle", {{"cx", pixels(x)}, {"cy", pixels(y)}, {"r", pixels(r)}});
      break;
    case 1:
      polygon(std::vector<Point>{{-r, -r}, {r, -r}, {r, r}, {-r, r}});
      break;
    default:
      polygon(std::vector<Point>{{0, -1.3 * r}, {1.3 * r, 0}, {0, 1.3 * r}, {-1.3 * r, 0}});
  }
}

void PlotDrawing::probes() {
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    for (const CurveProbe& probe : curves_[i].probes) {
      const double x = x_of(probe.epsilon);
      if (!(x >= area_.left && x <= area_.right)) {
        continue;
      }
      const auto& [value, low, high] = probe.accuracy;
      const auto whisker = [&](double y) {
        return "M" + pixels(x - kWhisker) + " " + pixels(y) + "h" + pixels(2 * kWhisker);
      };
      svg_.open("g", {});
      svg_.text("title", {},
                curves_[i].name + " at " + svg_number(probe.epsilon) + ": " + percent(value) + " (" + percent(low) +
                    " to " + percent(high) + ")");
      const std::string bar = whisker(y_of(high)) + "M" + pixels(x) + " " + pixels(y_of(high)) + "V" +
                              pixels(y_of(low)) + whisker(y_of(low));
      svg_.element("path", painted({{"d", bar}, {"fill", "none"}, {"stroke-width", "1.5"}}, "stroke", name_paint(i)));
      marker(i, x, y_of(value));
      svg_.close();
    }
  }
}

std::vector<Box> PlotDrawing::probe_boxes() const {
  std::vector<Box> boxes;
  for (const Curve& curve : curves_) {
    for (const CurveProbe& probe : curve.probes) {
      const double x = x_of(probe.epsilon);
      boxes.push_back({.left = x - kWhisker,
                       .top = y_of(probe.accuracy.high) - kMarker,
                       .right = x + kWhisker,
                       .bottom = y_of(probe.accuracy.low) + kMarker});
    }
  }
  return boxes;
}

void PlotDrawing::names() {
  std::vector<LabelledCurve> labelled;
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < curves_.size(); ++i) {
    const Curve& curve = curves_[i];
    if (curve.steps.empty()) {
      continue;
    }
    const auto height = [this, &curve](double x) {
      return y_of(value_at(curve, std::max(0.0, (x - area_.left) / (area_.right - area_.left) * end_)));
    };
    const double width = text_width(shortened(curve.name, kNameWidth, kBold * kNameSize), kBold * kNameSize);
    const double band = (area_.bottom - area_.top) * curve.band_half_width;
    const double gap = std::clamp(band + 3, kNameGap, kLargestGap);
    labelled.push_back({.height = height, .label_width = width, .label_height = kNameHeight, .gap = gap});
    numbers.push_back(i);
  }
  if (labelled.size() < 2) {
    return;
  }
  const std::vector<std::optional<Box>> places = place_labels(area_, labelled, probe_boxes());
  for (std::size_t k = 0; k < places.size(); ++k) {
    if (!places[k]) {
      continue;
    }
    const SvgAttributes attributes{{"x", pixels((places[k]->left + places[k]->right) / 2)},
                                   {"y", pixels(places[k]->top + kBaseline)},
                                   {"text-anchor", "middle"},
                                   {"font-weight", "600"},
                                   {"stroke-width", "3.5"},
                                   {"stroke-linejoin", "round"},
                                   {"paint-order", "stroke"}};
    svg_.text("text", painted(painted(attributes, "stroke", "paper"), "fill", name_paint(numbers[k])),
              shortened(curves_[numbers[k]].name, kNameWidth, kBold * kNameSize));
  }
}

}  // namespace faultline
