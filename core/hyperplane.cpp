#include "faultline/core/hyperplane.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "faultline/core/error.h"
#include "faultline/core/finite.h"

namespace faultline {

namespace {

using Values = std::span<const float>;

/// Sums over elements at their limits and over the others, in eight partial sums each, which a processor adds side by
/// side.
struct SplitSum {
  double at_limit = 0;
  double below = 0;
};

/// The sum of `full` where limit <= level, and of `slopes` elsewhere. All have the same length, a multiple of kLanes.
constexpr std::size_t kLanes = 8;
SplitSum split_sum(std::span<const double> limits, std::span<const double> full, std::span<const double> slopes,
                   double level) {
  double at_limit[kLanes] = {};
  double below[kLanes] = {};
  for (std::size_t i = 0; i < limits.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      // Read before the choice, so that there is no branch.
      const double whole = full[i + lane];
      const double slope = slopes[i + lane];
      const bool there = limits[i + lane] <= level;
      at_limit[lane] += there ? whole : 0.0;
      below[lane] += there ? 0.0 : slope;
    }
  }
  return {std::accumulate(std::begin(at_limit), std::end(at_limit), 0.0),
          std::accumulate(std::begin(below), std::end(below), 0.0)};
}

/// What one row needs: how far each element may go, and in which direction.
class Row {
 public:
  Row(Norm norm, const Bounds& bounds, std::size_t width)
      : norm_(norm),
        lower_(static_cast<float>(bounds.lower)),
        upper_(static_cast<float>(bounds.upper)),
        room_(width),
        slope_((width + kLanes - 1) / kLanes * kLanes),
        limit_(slope_.size()),
        full_(slope_.size()) {}

  void step(Values point, Values gradient, double value, std::span<float> out) {
    if (value == 0 || !std::isfinite(value)) {
      std::ranges::fill(out, 0.0F);
      return;
    }
    // Down where the function is above 0, up where it is below.
    const float sign = value > 0 ? -1.0F : 1.0F;
    for (std::size_t i = 0; i < point.size(); ++i) {
      const float above = upper_ - point[i];
      const float below = point[i] - lower_;
      const float room = sign * gradient[i] > 0 ? above : below;
      room_[i] = gradient[i] == 0 ? 0.0F : room;
    }
    norm_ == Norm::kL1 ? fill_greedily(gradient, std::abs(value), sign, out)
                       : fill_evenly(gradient, std::abs(value), sign, out);
  }

 private:
  /// L2 and Linf: element i moves min(level * speed_i, room_i), with speed 1 or its gradient.
  void fill_evenly(Values gradient, double amount, float sign, std::span<float> out) {
    const bool even = norm_ == Norm::kLinf;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      const double size = std::abs(gradient[i]);
      const double room = room_[i];
      slope_[i] = even ? size : size * size;
      full_[i] = size * room;  // what it takes from the function at its limit
      limit_[i] = even || size == 0 ? room : room / size;
    }
    const double level = level_of(amount);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      const double way = even ? level : level * std::abs(static_cast<double>(gradient[i]));
      out[i] = std::copysign(std::min(static_cast<float>(way), room_[i]), sign * gradient[i]);
    }
  }

  /// The level at which sum_i slope_i min(level, limit_i) is `amount`, or where all elements are at their limits; 0
  /// where none moves. Newton's method on a concave function of pieces: it ends at its solution.
  [[nodiscard]] double level_of(double amount) const {
    double level = 0;
    while (true) {
      const SplitSum sums = split_sum(limit_, full_, slope_, level);
      if (!(sums.below > 0)) {
        return sums.at_limit > 0 ? std::numeric_limits<float>::max() : 0;
      }
      const double next = (amount - sums.at_limit) / sums.below;
      if (!(next > level)) {
        return std::isfinite(level) ? level : 0;
      }
      level = next;
    }
  }

  /// L1: the elements with the largest gradient go as far as they can, one after another.
  void fill_greedily(Values gradient, double amount, float sign, std::span<float> out) {
    std::ranges::fill(out, 0.0F);
    order_.resize(gradient.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::sort(order_, [&](std::size_t a, std::size_t b) {
      const float left = std::abs(gradient[a]);
      const float right = std::abs(gradient[b]);
      return left > right || (left == right && a < b);
    });
    for (const std::size_t i : order_) {
      const double size = std::abs(static_cast<double>(gradient[i]));
      if (!(size > 0) || amount <= 0) {
        return;
      }
      const double way = std::min(amount / size, static_cast<double>(room_[i]));
      out[i] = std::copysign(static_cast<float>(way), sign * gradient[i]);
      amount -= way * size;
    }
  }

  Norm norm_;
  float lower_;
  float upper_;
  std::vector<float> room_;
  // L2, Linf; padded with 0:
  std::vector<double> slope_;  // of the function in the level
  std::vector<double> limit_;  // the level at which an element is at the bound
  std::vector<double> full_;   // slope times limit
  std::vector<std::size_t> order_;
};

}  // namespace

Tensor step_to_plane(const Tensor& points, const LinearFunction& function, Norm norm, const Bounds& bounds) {
  FAULTLINE_ASSERT(norm != Norm::kL0, "no plane is near in L0");
  const Tensor host_points = points.cpu().contiguous();
  const Tensor host_gradients = function.gradients.cpu().contiguous();
  const Tensor values = function.values.contiguous();
  Tensor steps = at::empty_like(host_points);
  const std::int64_t rows = points.size(0);
  const auto width = static_cast<std::size_t>(points.numel() / std::max<std::int64_t>(1, rows));
  const Tensor finite = finite_rows(host_gradients);
  Row row(norm, bounds, width);
  for (std::int64_t i = 0; i < rows; ++i) {
    const std::size_t at = static_cast<std::size_t>(i) * width;
    const Values gradient(host_gradients.const_data_ptr<float>() + at, width);
    const double value = finite.const_data_ptr<bool>()[i] ? values.const_data_ptr<double>()[i] : 0.0;
    row.step(Values(host_points.const_data_ptr<float>() + at, width), gradient, value,
             std::span(steps.mutable_data_ptr<float>() + at, width));
  }
  return steps.to(points.device());
}

}  // namespace faultline
