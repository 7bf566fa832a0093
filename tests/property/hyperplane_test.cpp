// Steps onto hyperplanes inside the box, against bisection on what optimal steps look like.
#include "faultline/core/hyperplane.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "property/cases.h"

namespace faultline {
namespace {

struct PlaneCase {
  std::vector<double> point{};
  std::vector<double> gradient{};
  double value = 0;
  Bounds bounds{};

  /// How far element i may go where that brings the function nearer to 0.
  [[nodiscard]] double room(std::size_t i) const {
    const bool up = (value > 0) == (gradient[i] < 0);
    return up ? bounds.upper - point[i] : point[i] - bounds.lower;
  }
};

PlaneCase draw_case() {
  const auto width = *rc::gen::inRange<std::size_t>(1, 40);
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
  PlaneCase drawn{.bounds = *rc::gen::element(Bounds{0, 1}, Bounds{-2, 3})};
  std::uniform_real_distribution<double> inside(drawn.bounds.lower, drawn.bounds.upper);
  std::normal_distribution<double> normal;
  for (std::size_t i = 0; i < width; ++i) {
    const auto kind = *rc::gen::inRange(0, 5);
    drawn.point.push_back(kind == 0 ? drawn.bounds.lower : static_cast<float>(inside(random)));
    drawn.gradient.push_back(kind == 1 ? 0.0 : static_cast<float>(normal(random)));
  }
  drawn.value = normal(random) * *rc::gen::element(0.01, 1.0, 10.0);
  return drawn;
}

Tensor as_row(const std::vector<double>& values) { return at::tensor(values, at::kDouble).to(at::kFloat).unsqueeze(0); }

/// The length of the shortest step and the part of |value| that it takes away.
struct Answer {
  double length;
  double gain;
};

/// What elements gain when each goes as far as `level` says.
double gain_at(const PlaneCase& drawn, Norm norm, double level) {
  double gain = 0;
  for (std::size_t i = 0; i < drawn.point.size(); ++i) {
    const double size = std::abs(drawn.gradient[i]);
    gain += size * std::min(norm == Norm::kLinf ? level : level * size, drawn.room(i));
  }
  return gain;
}

Answer evenly(const PlaneCase& drawn, Norm norm) {
  double low = 0;
  double high = 1e9;
  const double most = gain_at(drawn, norm, high);
  const double wanted = std::min(std::abs(drawn.value), most);
  for (int halving = 0; halving < 300; ++halving) {
    const double middle = (low + high) / 2;
    (gain_at(drawn, norm, middle) < wanted ? low : high) = middle;
  }
  double length = 0;
  for (std::size_t i = 0; i < drawn.point.size(); ++i) {
    const double size = std::abs(drawn.gradient[i]);
    const double way = size > 0 ? std::min(norm == Norm::kLinf ? high : high * size, drawn.room(i)) : 0;
    length = norm == Norm::kLinf ? std::max(length, way) : length + way * way;
  }
  return {norm == Norm::kLinf ? length : std::sqrt(length), wanted};
}

Answer greedily(const PlaneCase& drawn) {
  std::vector<std::pair<double, double>> elements;  // gain per unit, room
  for (std::size_t i = 0; i < drawn.point.size(); ++i) {
    elements.emplace_back(std::abs(drawn.gradient[i]), drawn.room(i));
  }
  std::ranges::sort(elements, std::greater<>());
  Answer answer{0, 0};
  for (const auto& [size, room] : elements) {
    const double left = std::abs(drawn.value) - answer.gain;
    const double way = size > 0 ? std::min(room, left / size) : 0;
    answer.length += way;
    answer.gain += way * size;
  }
  return answer;
}

double length_of(const Tensor& step, Norm norm) {
  const Tensor wide = step.to(at::kDouble);
  if (norm == Norm::kL1) {
    return wide.abs().sum().item<double>();
  }
  return norm == Norm::kL2 ? wide.norm().item<double>() : wide.abs().max().item<double>();
}

TEST(Hyperplane, StepsAreShortestAndStayInside) {
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    EXPECT_TRUE(rc::check(std::string(name_of(norm)) + ": the step is the shortest one", [norm] {
      const PlaneCase drawn = draw_case();
      const Tensor point = as_row(drawn.point);
      const Tensor gradient = as_row(drawn.gradient);
      const Tensor values = at::tensor({drawn.value}, at::kDouble);
      const Tensor step = step_to_plane(point, {values, gradient}, norm, drawn.bounds);
      constexpr double kRounding = 1e-5;
      const Tensor there = point + step;
      RC_ASSERT(there.min().item<double>() >= drawn.bounds.lower - kRounding);
      RC_ASSERT(there.max().item<double>() <= drawn.bounds.upper + kRounding);
      const Answer best = norm == Norm::kL1 ? greedily(drawn) : evenly(drawn, norm);
      const double gain = (step.to(at::kDouble) * gradient.to(at::kDouble)).sum().item<double>();
      const double scale = std::max(1.0, std::abs(drawn.value));
      RC_ASSERT(std::abs(std::abs(gain) - best.gain) <= kRounding * scale * 10);
      RC_ASSERT(best.gain == 0 || (gain < 0) == (drawn.value > 0));
      RC_ASSERT(length_of(step, norm) <= best.length * (1 + kRounding) + kRounding);
    }));
  }
}

TEST(Hyperplane, TinyGradientsGiveTheSameStep) {
  constexpr double kTiny = 1e-22;  // its square is 0 in single precision: a saturated softmax has such gradients
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    EXPECT_TRUE(rc::check(std::string(name_of(norm)) + ": scale does not matter", [norm] {
      const PlaneCase drawn = draw_case();
      const Tensor point = as_row(drawn.point);
      const Tensor gradient = as_row(drawn.gradient);
      const Tensor values = at::tensor({drawn.value}, at::kDouble);
      const Tensor step = step_to_plane(point, {values, gradient}, norm, drawn.bounds);
      const Tensor tiny = step_to_plane(point, {values * kTiny, gradient * kTiny}, norm, drawn.bounds);
      RC_ASSERT((step - tiny).abs().max().item<double>() < 1e-4);
    }));
  }
}

TEST(Hyperplane, NoGradientNoStep) {
  const Tensor point = at::full({3, 2, 2}, 0.5, at::kFloat);
  Tensor gradient = at::zeros({3, 2, 2});
  gradient[1].fill_(std::numeric_limits<float>::quiet_NaN());
  gradient[2].fill_(std::numeric_limits<float>::infinity());
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    const Tensor step = step_to_plane(point, {at::ones({3}, at::kDouble), gradient}, norm, {});
    EXPECT_TRUE(step.eq(0).all().item<bool>()) << name_of(norm);
  }
}

}  // namespace
}  // namespace faultline
