#include "faultline/core/distance.h"

#include <array>
#include <cmath>
#include <numeric>

#include "faultline/core/error.h"

namespace faultline {

namespace {

/// Sums, or takes the largest, of one term per element, in eight lanes that the compiler takes at once.
template <typename Term, typename Join>
double joined(const float* a, const float* b, std::int64_t count, Term term, Join join) {
  constexpr std::int64_t kLanes = 8;
  std::array<double, kLanes> lanes{};
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      double& value = lanes[static_cast<std::size_t>(lane)];
      value = join(value, term(static_cast<double>(a[i + lane]) - static_cast<double>(b[i + lane])));
    }
  }
  for (; i < count; ++i) {
    lanes[0] = join(lanes[0], term(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return std::accumulate(lanes.begin() + 1, lanes.end(), lanes[0], join);
}

double distance_of_row(const float* a, const float* b, std::int64_t count, Norm norm) {
  constexpr auto kSum = [](double x, double y) { return x + y; };
  switch (norm) {
    case Norm::kL0:
      return joined(a, b, count, [](double difference) { return difference != 0 ? 1.0 : 0.0; }, kSum);
    case Norm::kL1:
      return joined(a, b, count, [](double difference) { return std::abs(difference); }, kSum);
    case Norm::kL2:
      return std::sqrt(joined(a, b, count, [](double difference) { return difference * difference; }, kSum));
    case Norm::kLinf:
      // A NaN stays one.
      return joined(
          a, b, count, [](double difference) { return std::abs(difference); },
          [](double x, double y) { return x >= y || std::isnan(x) ? x : y; });
  }
  FAULTLINE_ASSERT(false, "unknown norm");
}

/// In one pass over both, without tensors in between.
Tensor distance_on_host(const Tensor& a, const Tensor& b, Norm norm) {
  const Tensor first = a.contiguous();
  const Tensor second = b.contiguous();
  const std::int64_t length = first.numel() / first.size(0);
  Tensor distances = at::empty({first.size(0)}, at::kDouble);
  for (std::int64_t row = 0; row < first.size(0); ++row) {
    distances.mutable_data_ptr<double>()[row] = distance_of_row(
        first.const_data_ptr<float>() + row * length, second.const_data_ptr<float>() + row * length, length, norm);
  }
  return distances;
}

}  // namespace

Tensor distance(const Tensor& a, const Tensor& b, Norm norm) {
  FAULTLINE_ASSERT(a.sizes() == b.sizes(), "distance needs two tensors of one shape");
  if (a.size(0) == 0) {
    return at::zeros({0}, a.options().dtype(at::kDouble));
  }
  if (a.is_cpu() && b.is_cpu() && a.scalar_type() == at::kFloat && b.scalar_type() == at::kFloat) {
    return distance_on_host(a, b, norm);
  }
  const Tensor difference = (a.to(at::kDouble) - b.to(at::kDouble)).flatten(1);
  switch (norm) {
    case Norm::kL0:
      return (difference != 0).sum(1).to(at::kDouble);
    case Norm::kL1:
      return difference.abs().sum(1);
    case Norm::kL2:
      return difference.square().sum(1).sqrt();
    case Norm::kLinf:
      return difference.abs().amax(1);
  }
  FAULTLINE_ASSERT(false, "unknown norm");
}

double largest_distance(Norm norm, double side, double elements) {
  switch (norm) {
    case Norm::kL0:
      return elements;
    case Norm::kL1:
      return side * elements;
    case Norm::kL2:
      return side * std::sqrt(elements);
    case Norm::kLinf:
      return side;
  }
  FAULTLINE_ASSERT(false, "unknown norm");
}

}  // namespace faultline
