#include "faultline/core/hyperplane.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "faultline/core/error.h"

namespace faultline {

namespace {

using Values = std::span<const float>;

/// What one row needs: how far each element may go, and in which direction.
class Row {
 public:
  Row(Norm norm, const Bounds& bounds, std::size_t width)
      : norm_(norm),
        lower_(static_cast<float>(bounds.lower)),
        upper_(static_cast<float>(bounds.upper)),
        room_(width),
        slope_(width),
        limit_(width) {}

  void step(Values point, Values gradient, double value, std::span<float> out) {
    std::ranges::fill(out, 0.0F);
    if (value == 0 || !std::isfinite(value)) {
      return;
    }
    // Down where the function is above 0, up where it is below.
    const float sign = value > 0 ? -1.0F : 1.0F;
    for (std::size_t i = 0; i < point.size(); ++i) {
      room_[i] = sign * gradient[i] > 0 ? upper_ - point[i] : point[i] - lower_;
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
      slope_[i] = even ? size : size * size;
      limit_[i] = even ? room_[i] : room_[i] / size;
    }
    const double level = level_of(amount);
    if (!(level > 0)) {
      return;
    }
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      const double size = std::abs(gradient[i]);
      if (size > 0) {
        const double way = even ? level : level * size;
        out[i] = std::copysign(static_cast<float>(std::min(way, static_cast<double>(room_[i]))), sign * gradient[i]);
      }
    }
  }

  /// The level at which sum_i slope_i min(level, limit_i) is `amount`, or where all elements are at their limits.
  [[nodiscard]] double level_of(double amount) const {
    double level = 0;
    for (std::size_t round = 0; round <= slope_.size(); ++round) {
      double reached = 0;
      double slope = 0;
      for (std::size_t i = 0; i < slope_.size(); ++i) {
        const bool at_limit = limit_[i] <= level;
        reached += at_limit ? slope_[i] * limit_[i] : 0.0;
        slope += at_limit ? 0.0 : slope_[i];
      }
      if (!(slope > 0)) {
        return reached > 0 ? std::numeric_limits<double>::max() : 0;
      }
      const double next = (amount - reached) / slope;
      if (!(next > level)) {
        break;
      }
      level = next;
    }
    return std::isfinite(level) ? level : 0;
  }

  /// L1: the elements with the largest gradient go as far as they can, one after another.
  void fill_greedily(Values gradient, double amount, float sign, std::span<float> out) {
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
  std::vector<double> slope_;  // L2, Linf: of the function in the level
  std::vector<double> limit_;  // L2, Linf: the level at which an element is at the bound
  std::vector<std::size_t> order_;
};

bool all_finite(Values values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

}  // namespace

Tensor step_to_plane(const Tensor& points, const LinearFunction& function, Norm norm, const Bounds& bounds) {
  FAULTLINE_ASSERT(norm != Norm::kL0, "no plane is near in L0");
  const Tensor host_points = points.cpu().contiguous();
  const Tensor host_gradients = function.gradients.cpu().contiguous();
  const Tensor values = function.values.contiguous();
  Tensor steps = at::empty_like(host_points);
  const std::int64_t rows = points.size(0);
  const auto width = static_cast<std::size_t>(points.numel() / std::max<std::int64_t>(1, rows));
  Row row(norm, bounds, width);
  for (std::int64_t i = 0; i < rows; ++i) {
    const std::size_t at = static_cast<std::size_t>(i) * width;
    const Values gradient(host_gradients.const_data_ptr<float>() + at, width);
    const double value = all_finite(gradient) ? values.const_data_ptr<double>()[i] : 0.0;
    row.step(Values(host_points.const_data_ptr<float>() + at, width), gradient, value,
             std::span(steps.mutable_data_ptr<float>() + at, width));
  }
  return steps.to(points.device());
}

}  // namespace faultline
