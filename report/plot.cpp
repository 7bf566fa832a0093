#include "faultline/report/plot.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "faultline/core/error.h"
#include "faultline/report/axis.h"
#include "faultline/report/plot_drawing.h"

namespace faultline {

namespace {

constexpr double kRoomBehindLastStep = 1.02;  // so that the last fall does not coincide with the border
constexpr int kTicks = 8;

std::string summary_of(const Curve& curve, double end) {
  if (curve.steps.empty()) {
    return curve.name + ": no samples.";
  }
  return curve.name + ": " + percent(curve.steps.front().value) + " at epsilon 0, " + percent(value_at(curve, end)) +
         " at the right end, " + std::to_string(curve.samples) + " samples.";
}

}  // namespace

Curve curve_of(std::string name, const SurvivalCurve& survival, std::span<const double> probed) {
  Curve curve{.name = std::move(name), .samples = survival.samples()};
  if (survival.samples() == 0) {
    return curve;
  }
  const double samples = static_cast<double>(survival.samples());
  for (const SurvivalStep& step : survival.steps()) {
    curve.steps.push_back({.epsilon = step.epsilon, .value = static_cast<double>(step.survivors) / samples});
  }
  for (const double epsilon : probed) {
    curve.probes.push_back({.epsilon = epsilon, .accuracy = survival.interval(epsilon)});
  }
  curve.band_half_width = dkw_half_width(survival.samples());
  return curve;
}

double epsilon_end(const PlotLabels& labels, std::span<const Curve> curves) {
  FAULTLINE_ASSERT(std::isfinite(labels.epsilon_max) && labels.epsilon_max >= 0, "an axis has a finite end");
  constexpr double kSmallest = 1e-30;  // below, float32 inputs cannot differ; steps of ticks would vanish
  if (labels.epsilon_max > 0) {
    return std::max(labels.epsilon_max, kSmallest);
  }
  double last = 0;
  for (const Curve& curve : curves) {
    last = curve.steps.empty() ? last : std::max(last, curve.steps.back().epsilon);
    for (const CurveProbe& probe : curve.probes) {
      last = std::max(last, probe.epsilon);
    }
  }
  return last < kSmallest ? 1 : rounded_up(last * kRoomBehindLastStep, kTicks);
}

double value_at(const Curve& curve, double epsilon) {
  const auto after = std::ranges::upper_bound(curve.steps, epsilon, {}, &CurveStep::epsilon);
  FAULTLINE_ASSERT(after != curve.steps.begin(), "a curve begins at epsilon 0");
  return std::prev(after)->value;
}

std::string curve_svg(const PlotLabels& labels, std::span<const Curve> curves) {
  const double end = epsilon_end(labels, curves);
  PlotDrawing drawing(labels, curves, end);
  std::string description;
  for (const Curve& curve : curves) {
    description += (description.empty() ? "" : " ") + summary_of(curve, end);
  }
  drawing.heading(description);
  drawing.legend();
  drawing.axes(ticks_to(end, kTicks));
  drawing.bands();
  drawing.lines();
  drawing.probes();
  drawing.names();
  drawing.footnote();
  return drawing.finish();
}

}  // namespace faultline
