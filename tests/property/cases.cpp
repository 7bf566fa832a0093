#include "property/cases.h"

#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "faultline/core/distance.h"

namespace faultline {

namespace {

using Shape = std::vector<std::int64_t>;

double uniform(std::mt19937_64& random, double lower, double upper) {
  return std::uniform_real_distribution<double>(lower, upper)(random);
}

Tensor draw_clean(std::mt19937_64& random, const Shape& shape, const Bounds& bounds) {
  Tensor clean = uniform_tensor(random, shape, bounds.lower, bounds.upper);
  const Tensor choice = uniform_tensor(random, shape, 0, 1);
  clean = at::where(choice < 0.15, bounds.lower, clean);
  clean = at::where(choice > 0.85, bounds.upper, clean);
  // Far smaller than epsilon: a float32 sum loses such a value altogether.
  return at::where((choice > 0.45).logical_and(choice < 0.5), std::clamp(1e-30, bounds.lower, bounds.upper), clean)
      .to(at::kFloat);
}

double epsilon_of(std::mt19937_64& random, int kind, double largest) {
  switch (kind) {
    case 0:
      return 0;
    case 1:
      return 1e-6;
    case 2:
      return 0.25;
    case 3:
      return 8.0 / 255;
    case 4:
      return 1e9;
    case 5:
      return std::floor(largest / 2);
    default:
      return uniform(random, 0, largest);
  }
}

/// One row of points: kind 0 far outside, 1 about the box, 2 about the surface, 3 well inside, 4 the clean input,
/// 5 few elements changed.
Tensor draw_row(std::mt19937_64& random, int kind, const Tensor& clean, double epsilon, const Bounds& bounds) {
  const Shape shape = clean.sizes().vec();
  const double side = bounds.upper - bounds.lower;
  const Tensor direction = uniform_tensor(random, shape, -1, 1);
  const double reach = std::min(epsilon, side);
  const auto elements = static_cast<double>(clean.numel());
  switch (kind) {
    case 0:
      return clean + 1000 * side * direction;
    case 1:
      return clean + 1.5 * side * direction;
    case 2:
      return clean + reach * direction * uniform(random, 0.5, 2);
    case 3:
      return (clean + reach / elements * direction).clamp(bounds.lower, bounds.upper);
    case 4:
      return clean.clone();
    default:
      return at::where(uniform_tensor(random, shape, 0, elements) < 2, clean + side * direction, clean);
  }
}

}  // namespace

Tensor uniform_tensor(std::mt19937_64& random, const Shape& shape, double lower, double upper) {
  Tensor values = at::empty(shape, at::kFloat);
  float* data = values.mutable_data_ptr<float>();
  std::generate_n(data, values.numel(), [&] { return static_cast<float>(uniform(random, lower, upper)); });
  return values.clamp_(lower, upper);
}

ProjectionCase draw_projection_case(Norm norm) {
  static const std::vector<Shape> kShapes{{1}, {2}, {7}, {3, 4}, {1, 5, 5}, {3, 8, 8}};
  static const std::vector<Bounds> kBounds{{0, 1}, {-1, 1}, {-2.5, 3}, {0, 255}};
  const auto rows = *rc::gen::inRange<std::size_t>(0, 6);
  Shape shape = kShapes[*rc::gen::inRange<std::size_t>(0, kShapes.size())];
  const Bounds bounds = kBounds[*rc::gen::inRange<std::size_t>(0, kBounds.size())];
  const auto epsilon_kinds = *rc::gen::container<std::vector<int>>(rows, rc::gen::inRange(0, 8));
  const auto point_kinds = *rc::gen::container<std::vector<int>>(rows, rc::gen::inRange(0, 6));
  std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());

  shape.insert(shape.begin(), static_cast<std::int64_t>(rows));
  ProjectionCase drawn{draw_clean(random, shape, bounds), at::empty(shape, at::kFloat), {.norm = norm}};
  const double elements = rows == 0 ? 0 : static_cast<double>(drawn.clean[0].numel());
  std::vector<double> epsilons;
  for (std::size_t row = 0; row < rows; ++row) {
    epsilons.push_back(
        epsilon_of(random, epsilon_kinds[row], largest_distance(norm, bounds.upper - bounds.lower, elements)));
    const auto place = static_cast<std::int64_t>(row);
    drawn.points[place].copy_(draw_row(random, point_kinds[row], drawn.clean[place], epsilons.back(), bounds));
  }
  drawn.threat.epsilon = at::tensor(epsilons, at::kDouble);
  drawn.threat.bounds = bounds;
  return drawn;
}

bool same_bits(const Tensor& a, const Tensor& b) { return a.view(at::kInt).equal(b.view(at::kInt)); }

Tensor rounding_allowance(const ProjectionCase& drawn) {
  const auto elements = static_cast<double>(drawn.clean.numel() / std::max<std::int64_t>(1, drawn.clean.size(0)));
  const double largest = std::max(std::abs(drawn.threat.bounds.lower), std::abs(drawn.threat.bounds.upper));
  const double count = drawn.threat.norm == Norm::kL1 ? elements : std::sqrt(elements);
  const Tensor reached = drawn.threat.epsilon.clamp_max(largest_distance(drawn.threat.norm, 2 * largest, elements));
  return reached * 0x1p-19 + count * largest * 0x1p-22;
}

}  // namespace faultline
