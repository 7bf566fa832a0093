// Robustness curves as a picture: robust accuracy against epsilon, with bands, probes and error bars.
// Must not compute statistics: it draws what it is given.
//
//   std::vector<Curve> curves{curve_of("WK17a", SurvivalCurve(distances), /*probed=*/{0.1})};
//   std::string svg = curve_svg({.title = "Robustness", .epsilon_max = 0.3}, curves);
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "faultline/statistics/survival_curve.h"

namespace faultline {

/// From this epsilon up to the next step, the curve has this value (a share, 0..1).
struct CurveStep {
  double epsilon = 0;
  double value = 0;
};

/// A point that is drawn with an error bar.
struct CurveProbe {
  double epsilon = 0;
  Interval accuracy{};
};

/// A falling step function, continuous from the right, with what is known about its error.
struct Curve {
  std::string name{};
  std::vector<CurveStep> steps{};    ///< Rising finite epsilons, the first 0; falling values. Empty: nothing to draw.
  double band_half_width = 0;        ///< Half the height of the band around it, in shares; 0: no band.
  std::vector<CurveProbe> probes{};  ///< Points of interest.
  std::int64_t samples = 0;          ///< How many samples it is made of; shown in the legend.
};

struct PlotLabels {
  std::string title{};
  std::string subtitle{};
  std::string x_label = "epsilon";
  std::string y_label = "robust accuracy";
  double epsilon_max = 0;  ///< Right end of the axis; 0: behind the last step and probe.
};

/// The curve of these distances with its 95 % DKW band and a probe with its Wilson interval at each epsilon of
/// `probed`. Without samples it has no steps.
[[nodiscard]] Curve curve_of(std::string name, const SurvivalCurve& survival, std::span<const double> probed);

/// Where the epsilon axis ends: labels.epsilon_max, or a round number behind the last step and probe, or 1 without any.
[[nodiscard]] double epsilon_end(const PlotLabels& labels, std::span<const Curve> curves);

/// The curve's value at an epsilon >= 0. Precondition: the curve has steps.
[[nodiscard]] double value_at(const Curve& curve, double epsilon);

/// A self-contained SVG document: no script, no font, no network; light and dark; legible in print and to the
/// colour-blind. It may stand in a file or inside HTML.
[[nodiscard]] std::string curve_svg(const PlotLabels& labels, std::span<const Curve> curves);

}  // namespace faultline
