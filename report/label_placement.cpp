#include "faultline/report/label_placement.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace faultline {

namespace {

constexpr double kClearance = 13;        // any other curve is farther away than its own by this much
constexpr double kEnoughRoom = 60;       // more distance from other curves is no better
constexpr double kGap = 4;               // between labels, obstacles and the border
constexpr double kStride = 4;            // between the places that are tried
constexpr double kDropPenalty = 0.5;     // a label should run along its curve, not away from it
constexpr double kMiddlePenalty = 0.02;  // all else equal, nearer the middle

bool overlap(const Box& a, const Box& b) {
  return a.left < b.right + kGap && b.left < a.right + kGap && a.top < b.bottom + kGap && b.top < a.bottom + kGap;
}

// The vertical distance between a box and a falling curve over the box's width, jumps included; 0 when they touch.
double distance_to(const Box& box, const LabelledCurve& curve) {
  const double highest = curve.height(box.left);
  const double lowest = curve.height(box.right);
  return std::max({0.0, highest - box.bottom, box.top - lowest});
}

// How good a place is for the label of `own`; minus infinity: not at all.
double score(const Box& box, const Box& area, std::span<const LabelledCurve> curves, std::size_t own) {
  constexpr double kRefused = -std::numeric_limits<double>::infinity();
  if (box.top < area.top + kGap || box.bottom > area.bottom - kGap ||
      distance_to(box, curves[own]) < curves[own].gap / 2) {
    return kRefused;
  }
  double room = kEnoughRoom;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    if (i != own) {
      room = std::min(room, distance_to(box, curves[i]));
    }
  }
  const double drop = curves[own].height(box.right) - curves[own].height(box.left);
  const double off_middle = std::abs(box.left + box.right - area.left - area.right) / 2;
  return room < curves[own].gap + kClearance ? kRefused : room - kDropPenalty * drop - kMiddlePenalty * off_middle;
}

std::optional<Box> best_place(const Box& area, std::span<const LabelledCurve> curves, std::size_t own,
                              std::span<const Box> taken) {
  const LabelledCurve& curve = curves[own];
  std::optional<Box> best;
  double best_score = -std::numeric_limits<double>::infinity();
  const auto consider = [&](double left, double top) {
    const Box box{.left = left, .top = top, .right = left + curve.label_width, .bottom = top + curve.label_height};
    const double value = score(box, area, curves, own);
    if (value > best_score && std::ranges::none_of(taken, [&](const Box& other) { return overlap(box, other); })) {
      best = box;
      best_score = value;
    }
  };
  for (double left = area.left + kGap; left + curve.label_width <= area.right - kGap; left += kStride) {
    consider(left, curve.height(left) - curve.gap - curve.label_height);
    consider(left, curve.height(left + curve.label_width) + curve.gap);
  }
  return best;
}

}  // namespace

std::vector<std::optional<Box>> place_labels(const Box& area, std::span<const LabelledCurve> curves,
                                             std::span<const Box> obstacles) {
  std::vector<Box> taken(obstacles.begin(), obstacles.end());
  std::vector<std::optional<Box>> places;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    places.push_back(best_place(area, curves, i, taken));
    if (places.back()) {
      taken.push_back(*places.back());
    }
  }
  return places;
}

}  // namespace faultline
