#include "faultline/report/trend.h"

#include <algorithm>
#include <cmath>

#include "faultline/core/error.h"
#include "faultline/report/axis.h"
#include "faultline/report/plot_style.h"
#include "faultline/report/svg.h"

namespace faultline {

namespace {

constexpr double kTrendWidth = 760;
constexpr double kTrendLeft = 64;
constexpr double kTrendRight = 24;
constexpr double kTop = 44;
constexpr double kTrendHeight = 220;
constexpr double kFoot = 40;
constexpr double kLegendLine = 20;
constexpr double kTenth = 10;
constexpr double kRounding = 1e-9;

class TrendDrawing {
 public:
  explicit TrendDrawing(const Trend& trend) : trend_(trend), svg_(kTrendWidth, height(), root()) {
    low_ = 1;
    high_ = 0;
    for (const TrendLine& line : trend.lines) {
      for (const TrendPoint& point : line.points) {
        low_ = std::min(low_, point.share.low);
        high_ = std::max(high_, point.share.high);
      }
    }
    low_ = std::max(0.0, std::floor(low_ * kTenth) / kTenth);
    high_ = std::min(1.0, std::ceil(high_ * kTenth) / kTenth);
    low_ = std::min(low_, high_ - 1 / kTenth);
    high_ = std::max(high_, low_ + 1 / kTenth);
  }

  std::string finish() {
    svg_.text("title", {}, trend_.title);
    svg_.text("desc", {}, description());
    svg_.style(plot_style());
    svg_.element("rect", painted({{"width", "100%"}, {"height", "100%"}}, "fill", "paper"));
    label(kTrendLeft, 24, "start", "ink", trend_.title, 15);
    axes();
    for (std::size_t i = 0; i < trend_.lines.size(); ++i) {
      draw(i);
      legend(i);
    }
    return svg_.finish();
  }

 private:
  [[nodiscard]] double height() const {
    return kTop + kTrendHeight + kFoot + kLegendLine * static_cast<double>(trend_.lines.size());
  }

  [[nodiscard]] static SvgAttributes root() { return {{"class", "faultline-plot"}, {"font-family", "sans-serif"}}; }

  [[nodiscard]] std::string description() const {
    std::string text;
    for (const TrendLine& line : trend_.lines) {
      if (!line.points.empty()) {
        text += (text.empty() ? "" : " ") + line.name + ": " + percent(line.points.front().share.value) + " in " +
                trend_.runs.at(line.points.front().run) + ", " + percent(line.points.back().share.value) + " in " +
                trend_.runs.at(line.points.back().run) + ".";
      }
    }
    return text;
  }

  [[nodiscard]] double x_of(std::size_t run) const {
    const double width = kTrendWidth - kTrendLeft - kTrendRight;
    const double runs = static_cast<double>(trend_.runs.size());
    return kTrendLeft + width * (static_cast<double>(run) + 0.5) / runs;
  }

  [[nodiscard]] double y_of(double share) const {
    return kTop + kTrendHeight * (high_ - std::clamp(share, low_, high_)) / (high_ - low_);
  }

  void label(double x, double y, const std::string& anchor, const std::string& paint, const std::string& content,
             double size) {
    svg_.text(
        "text",
        painted({{"x", svg_number(x)}, {"y", svg_number(y)}, {"text-anchor", anchor}, {"font-size", svg_number(size)}},
                "fill", paint),
        content);
  }

  void line(double x1, double y1, double x2, double y2, const std::string& paint, const SvgAttributes& more) {
    SvgAttributes attributes{
        {"x1", svg_number(x1)}, {"y1", svg_number(y1)}, {"x2", svg_number(x2)}, {"y2", svg_number(y2)}};
    attributes.insert(attributes.end(), more.begin(), more.end());
    svg_.element("line", painted(attributes, "stroke", paint));
  }

  void axes() {
    constexpr int kTicks = 5;
    const double step = nice_step((high_ - low_) / kTicks);
    const auto last = std::llround(std::floor(high_ / step + kRounding));
    for (auto tick = std::llround(std::ceil(low_ / step - kRounding)); tick <= last; ++tick) {
      const double share = static_cast<double>(tick) * step;
      line(kTrendLeft, y_of(share), kTrendWidth - kTrendRight, y_of(share), "grid", {});
      label(kTrendLeft - 8, y_of(share) + 4, "end", "muted", percent(share), 12);
    }
    constexpr std::size_t kMost = 10;
    const std::size_t every = (trend_.runs.size() + kMost - 1) / kMost;
    for (std::size_t run = (trend_.runs.size() - 1) % every; run < trend_.runs.size(); run += every) {
      label(x_of(run), kTop + kTrendHeight + 20, "middle", "muted", trend_.runs[run], 12);
    }
  }

  void draw(std::size_t number) {
    const std::vector<TrendPoint>& points = trend_.lines[number].points;
    // Lines of one run would lie over each other.
    const double shift = 5 * (static_cast<double>(number) - static_cast<double>(trend_.lines.size() - 1) / 2);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double x = x_of(points[i].run) + shift;
      const double y = y_of(points[i].share.value);
      if (i > 0 && points[i].joined) {
        line(x_of(points[i - 1].run) + shift, y_of(points[i - 1].share.value), x, y, line_paint(number),
             {{"stroke-width", "2"}, {"stroke-dasharray", dashes(number).empty() ? "none" : dashes(number)}});
      }
      line(x, y_of(points[i].share.low), x, y_of(points[i].share.high), line_paint(number), {{"stroke-width", "1"}});
      svg_.element("circle",
                   painted({{"cx", svg_number(x)}, {"cy", svg_number(y)}, {"r", "3.5"}}, "fill", line_paint(number)));
    }
  }

  void legend(std::size_t number) {
    const double y = kTop + kTrendHeight + kFoot + kLegendLine * static_cast<double>(number) + 6;
    line(kTrendLeft, y - 4, kTrendLeft + 28, y - 4, line_paint(number),
         {{"stroke-width", "2"}, {"stroke-dasharray", dashes(number).empty() ? "none" : dashes(number)}});
    label(kTrendLeft + 36, y, "start", name_paint(number), trend_.lines[number].name, 13);
  }

  const Trend& trend_;
  SvgWriter svg_;
  double low_ = 0;
  double high_ = 1;
};

}  // namespace

std::string trend_svg(const Trend& trend) {
  FAULTLINE_ASSERT(!trend.runs.empty() &&
                       std::ranges::any_of(trend.lines, [](const TrendLine& line) { return !line.points.empty(); }),
                   "a trend has a run and a point");
  return TrendDrawing(trend).finish();
}

}  // namespace faultline
