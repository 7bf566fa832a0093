#include "faultline/report/plot_drawing.h"

#include <algorithm>
#include <cmath>

#include "faultline/report/plot_style.h"
#include "faultline/report/text_width.h"

namespace faultline {

namespace {

// All in pixels.
constexpr double kWidth = 760;
constexpr double kLeft = 66;
constexpr double kRight = 28;
constexpr double kOuter = 20;  // left edge of title, legend and footnote
constexpr double kPlotHeight = 300;
constexpr double kTitleSize = 18;
constexpr double kTextSize = 12.5;
constexpr double kSwatch = 34;
constexpr double kLegendRow = 22;

// The middle of a pixel, where thin lines are sharp.
std::string crisp(double value) { return svg_number(std::floor(value) + 0.5); }

}  // namespace

PlotDrawing::PlotDrawing(const PlotLabels& labels, std::span<const Curve> curves, double end)
    : labels_(labels), curves_(curves), end_(end), svg_(kWidth, 1, {}) {
  double top = kOuter;
  top += labels.title.empty() ? 0 : 24;
  top += labels.subtitle.empty() ? 0 : 20;
  top = place_legend(top + 6) + 34;
  area_ = {.left = kLeft, .top = top, .right = kWidth - kRight, .bottom = top + kPlotHeight};
  svg_ = SvgWriter(kWidth, area_.bottom + 80,
                   {{"class", "faultline-plot"},
                    {"role", "img"},
                    {"font-family", "system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif"},
                    {"font-size", svg_number(kTextSize)}});
}

// Gives every curve its place in rows below `top`; returns where the last row ends.
double PlotDrawing::place_legend(double top) {
  double x = kOuter;
  double y = top;
  for (const Curve& curve : curves_) {
    Entry entry{.x = x, .y = y, .name = shortened(curve.name, 420, kTextSize), .samples = ""};
    entry.samples = curve.steps.empty() ? "no samples" : "n = " + std::to_string(curve.samples);
    const double width =
        kSwatch + 8 + text_width(entry.name, kTextSize) + 8 + text_width(entry.samples, kTextSize) + 22;
    if (x > kOuter && x + width > kWidth - kOuter) {
      x = kOuter;
      y += kLegendRow;
      entry.x = x;
      entry.y = y;
    }
    x += width;
    entries_.push_back(std::move(entry));
  }
  return curves_.empty() ? top : y + kLegendRow;
}

double PlotDrawing::x_of(double epsilon) const { return area_.left + (area_.right - area_.left) * (epsilon / end_); }

double PlotDrawing::y_of(double share) const {
  return area_.bottom - (area_.bottom - area_.top) * std::clamp(share, 0.0, 1.0);
}

void PlotDrawing::label(double x, double y, std::string_view anchor, std::string_view paint, std::string_view content) {
  svg_.text("text", painted({{"x", pixels(x)}, {"y", pixels(y)}, {"text-anchor", std::string(anchor)}}, "fill", paint),
            content);
}

void PlotDrawing::heading(const std::string& description) {
  svg_.text("title", {}, labels_.title.empty() ? "Robustness curve" : labels_.title);
  svg_.text("desc", {}, description);
  svg_.style(plot_style());
  svg_.element("rect", painted({{"width", "100%"}, {"height", "100%"}}, "fill", "paper"));
  double y = kOuter;
  if (!labels_.title.empty()) {
    y += 24;
    svg_.text("text",
              painted({{"x", pixels(kOuter)},
                       {"y", pixels(y - 8)},
                       {"font-size", svg_number(kTitleSize)},
                       {"font-weight", "600"}},
                      "fill", "ink"),
              shortened(labels_.title, kWidth - 2 * kOuter, kBold * kTitleSize));
  }
  if (!labels_.subtitle.empty()) {
    label(kOuter, y + 11, "start", "muted", shortened(labels_.subtitle, kWidth - 2 * kOuter, kTextSize));
  }
}

void PlotDrawing::legend() {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    const double middle = entry.y + kLegendRow / 2;
    svg_.element("line", painted({{"x1", pixels(entry.x)},
                                  {"x2", pixels(entry.x + kSwatch)},
                                  {"y1", pixels(middle)},
                                  {"y2", pixels(middle)},
                                  {"stroke-width", "2.25"},
                                  {"stroke-dasharray", dashes(i).empty() ? "none" : dashes(i)}},
                                 "stroke", line_paint(i)));
    if (!curves_[i].probes.empty()) {
      marker(i, entry.x + kSwatch / 2, middle);
    }
    svg_.open("text", {{"x", pixels(entry.x + kSwatch + 8)}, {"y", pixels(middle + 4.5)}});
    svg_.text("tspan", painted({}, "fill", "ink"), entry.name);
    svg_.text("tspan", painted({{"dx", "4"}}, "fill", "muted"), entry.samples);
    svg_.close();
  }
}

void PlotDrawing::axes(const std::vector<Tick>& ticks) {
  const auto line = [&](double x1, double y1, double x2, double y2, std::string_view paint) {
    svg_.element(
        "line", painted({{"x1", crisp(x1)}, {"y1", crisp(y1)}, {"x2", crisp(x2)}, {"y2", crisp(y2)}}, "stroke", paint));
  };
  for (int i = 0; i <= 5; ++i) {
    const double y = y_of(i / 5.0);
    line(area_.left, y, area_.right, y, i == 0 ? "axis" : "grid");
    label(area_.left - 10, y + 4.5, "end", "muted", std::to_string(20 * i) + " %");
  }
  for (const Tick& tick : ticks) {
    const double x = x_of(tick.value);
    if (tick.value > 0) {
      line(x, area_.top, x, area_.bottom, "grid");
    }
    line(x, area_.bottom, x, area_.bottom + 5, "axis");
    label(x, area_.bottom + 20, "middle", "muted", tick.label);
  }
  label(kOuter, area_.top - 16, "start", "ink", labels_.y_label);
  label((area_.left + area_.right) / 2, area_.bottom + 42, "middle", "ink", labels_.x_label);
}

void PlotDrawing::footnote() {
  const auto any = [&](auto&& has) { return std::ranges::any_of(curves_, has); };
  std::string note;
  if (any([](const Curve& curve) { return curve.band_half_width > 0 && !curve.steps.empty(); })) {
    note = "Band: 95 % for the whole curve (DKW).";
  }
  if (any([](const Curve& curve) { return !curve.probes.empty(); })) {
    note += std::string(note.empty() ? "" : "  ") + "Bars: 95 % for one point (Wilson).";
  }
  if (!note.empty()) {
    svg_.text("text",
              painted({{"x", pixels(kOuter)}, {"y", pixels(area_.bottom + 66)}, {"font-size", "11"}}, "fill", "muted"),
              note);
  }
}

std::string PlotDrawing::finish() { return svg_.finish(); }

}  // namespace faultline
