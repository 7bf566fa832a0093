// The parts of a robustness plot, drawn one by one in the order in which they are declared. Used by plot.cpp only.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "faultline/report/axis.h"
#include "faultline/report/label_placement.h"
#include "faultline/report/plot.h"
#include "faultline/report/svg.h"

namespace faultline {

/// A length or place in pixels, to a hundredth.
[[nodiscard]] std::string pixels(double value);

/// Invariant: area_ is where the curves are, and everything else has its place around it, inside the document.
class PlotDrawing {
 public:
  /// An empty drawing, large enough for its labels; epsilon runs from 0 to `end`. `labels` and `curves` must outlive
  /// it.
  PlotDrawing(const PlotLabels& labels, std::span<const Curve> curves, double end);

  void heading(const std::string& description);
  void legend();
  void axes(const std::vector<Tick>& ticks);
  void bands();
  void lines();
  void probes();
  /// Writes the names beside the curves, when there are several and where there is room.
  void names();
  void footnote();
  [[nodiscard]] std::string finish();

 private:
  struct Point {
    double x;
    double y;
  };
  struct Entry {  // of the legend
    double x;
    double y;
    std::string name;
    std::string samples;
  };

  [[nodiscard]] double x_of(double epsilon) const;
  [[nodiscard]] double y_of(double share) const;
  [[nodiscard]] std::vector<Point> stairs(const Curve& curve, double shift) const;
  [[nodiscard]] std::vector<Box> probe_boxes() const;
  [[nodiscard]] static std::string path_through(std::span<const Point> points);
  void label(double x, double y, std::string_view anchor, std::string_view paint, std::string_view content);
  void marker(std::size_t curve, double x, double y);
  double place_legend(double top);

  const PlotLabels& labels_;
  std::span<const Curve> curves_;
  double end_;
  std::vector<Entry> entries_;
  Box area_;
  SvgWriter svg_;
};

}  // namespace faultline
