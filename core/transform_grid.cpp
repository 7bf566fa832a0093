#include "faultline/core/transform_grid.h"

#include <algorithm>
#include <cmath>

#include "faultline/core/error.h"

namespace faultline {

namespace {

/// The largest whole number whose `power`-th power is at most `value`.
std::int64_t whole_root(std::int64_t value, std::size_t power) {
  auto root = static_cast<std::int64_t>(std::pow(static_cast<double>(value), 1.0 / static_cast<double>(power)));
  const auto fits = [&](std::int64_t candidate) {
    return std::pow(static_cast<double>(candidate), static_cast<double>(power)) <= static_cast<double>(value);
  };
  while (fits(root + 1)) {
    ++root;
  }
  while (root > 1 && !fits(root)) {
    --root;
  }
  return root;
}

bool is_whole(double value) { return value == std::round(value); }

/// Into how many equal parts an interval is cut.
std::int64_t parts_of(const TransformAxis& axis, std::int64_t most) {
  const double length = axis.upper - axis.lower;
  const auto parts = most - 1;
  if (is_whole(axis.lower) && is_whole(axis.upper) && length <= static_cast<double>(parts)) {
    const auto units = static_cast<std::int64_t>(length);
    return units * (parts / units);
  }
  const bool symmetric = axis.mildest == (axis.lower + axis.upper) / 2;
  return symmetric && parts > 1 ? parts - parts % 2 : parts;
}

/// How far a point is from changing least: its furthest axis, as a share of that axis.
double strength(const std::vector<TransformAxis>& axes, const std::vector<double>& point) {
  double most = 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    most = std::max(most, std::abs(point[i] - axes[i].mildest) / (axes[i].upper - axes[i].lower));
  }
  return most;
}

/// The numbers of the axes that are lists of values.
std::vector<std::size_t> lists_by_length(const std::vector<TransformAxis>& axes) {
  std::vector<std::size_t> lists;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!axes[i].values.empty()) {
      lists.push_back(i);
    }
  }
  std::ranges::stable_sort(lists, std::less{}, [&](std::size_t i) { return axes[i].values.size(); });
  return lists;
}

/// Every combination of one value per axis.
std::vector<std::vector<double>> combinations(const std::vector<std::vector<double>>& values) {
  std::vector<std::vector<double>> points{{}};
  for (const std::vector<double>& choices : values) {
    std::vector<std::vector<double>> longer;
    for (const std::vector<double>& point : points) {
      for (const double choice : choices) {
        longer.push_back(point);
        longer.back().push_back(choice);
      }
    }
    points = std::move(longer);
  }
  return points;
}

}  // namespace

std::vector<double> values_on(const TransformAxis& axis, std::int64_t most) {
  if (axis.fixed()) {
    return {axis.lower};
  }
  std::vector<double> values;
  if (!axis.values.empty()) {
    const auto last = static_cast<std::int64_t>(axis.values.size()) - 1;
    const std::int64_t parts = std::min(most - 1, last);
    for (std::int64_t i = 0; i <= parts; ++i) {
      values.push_back(axis.values[static_cast<std::size_t>(i * last / parts)]);
    }
    return values;
  }
  const std::int64_t parts = parts_of(axis, most);
  for (std::int64_t i = 0; i <= parts; ++i) {
    // Symmetric in the ends, so that the middle of -a .. a is 0; rounding may lead beyond them.
    const double value = (axis.lower * static_cast<double>(parts - i) + axis.upper * static_cast<double>(i)) /
                         static_cast<double>(parts);
    values.push_back(std::clamp(value, axis.lower, axis.upper));
  }
  return values;
}

TransformGrid grid_over(const TransformSpace& space, std::int64_t queries) {
  const std::vector<TransformAxis> axes = space.axes();
  std::vector<std::vector<double>> values(axes.size());
  std::size_t open = axes.size() + (space.random() ? 1 : 0);
  std::int64_t left = queries;
  const auto fill = [&](std::size_t i, std::int64_t share) {
    if (share < 2) {
      throw Error{ErrorCode::kUsage, "a grid over " + std::to_string(axes.size()) +
                                         (axes.size() == 1 ? " parameter" : " parameters") + " needs more than " +
                                         std::to_string(queries) +
                                         " queries; raise queries=, or use search=random or search=local"};
    }
    values[i] = values_on(axes[i], share);
  };
  // Lists first, the shortest before the others: what they do not need goes to the intervals, which are all treated
  // alike.
  for (const std::size_t i : lists_by_length(axes)) {
    fill(i, whole_root(left, open--));
    left /= static_cast<std::int64_t>(values[i].size());
  }
  const std::int64_t share = open == 0 ? 1 : whole_root(left, open);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (axes[i].values.empty()) {
      fill(i, share);
    }
  }
  TransformGrid grid{.points = combinations(values)};
  grid.draws = space.random() ? std::max<std::int64_t>(1, queries / static_cast<std::int64_t>(grid.points.size())) : 1;
  std::ranges::stable_sort(grid.points, std::less{},
                           [&](const std::vector<double>& point) { return strength(axes, point); });
  return grid;
}

}  // namespace faultline
