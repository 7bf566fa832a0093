#include "faultline/core/distance.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "property/cases.h"

namespace faultline {
namespace {

double naive_distance(const Tensor& a, const Tensor& b, Norm norm) {
  const Tensor left = a.flatten().contiguous();
  const Tensor right = b.flatten().contiguous();
  double result = 0;
  for (std::int64_t i = 0; i < left.numel(); ++i) {
    const double gap = std::abs(double{left.const_data_ptr<float>()[i]} - double{right.const_data_ptr<float>()[i]});
    switch (norm) {
      case Norm::kL0:
        result += gap == 0 ? 0 : 1;
        break;
      case Norm::kL1:
        result += gap;
        break;
      case Norm::kL2:
        result += gap * gap;
        break;
      case Norm::kLinf:
        result = std::max(result, gap);
        break;
    }
  }
  return norm == Norm::kL2 ? std::sqrt(result) : result;
}

TEST(Distance, EqualsANaiveLoop) {
  for (const Norm norm : all_norms()) {
    EXPECT_TRUE(rc::check(std::string(name_of(norm)) + ": distance equals a loop", [norm] {
      const ProjectionCase drawn = draw_projection_case(norm);
      const Tensor distances = distance(drawn.points, drawn.clean, norm);
      RC_ASSERT(distances.scalar_type() == at::kDouble);
      RC_ASSERT(distances.sizes() == at::IntArrayRef{drawn.clean.size(0)});
      for (std::int64_t n = 0; n < drawn.clean.size(0); ++n) {
        const double expected = naive_distance(drawn.points[n], drawn.clean[n], norm);
        // Sums of up to 192 float64 terms in another order.
        RC_ASSERT(std::abs(distances[n].item<double>() - expected) <= 1e-13 * expected);
      }
    }));
  }
}

TEST(Distance, IsComputedInFloat64) {
  const Tensor a = at::full({1, 1}, 1, at::kFloat);
  const Tensor b = at::full({1, 1}, 0x1p-40F, at::kFloat);
  EXPECT_EQ(distance(a, b, Norm::kLinf).item<double>(), 1.0 - double{0x1p-40F});
  const Tensor many = at::full({1, 1 << 20}, 0x1p-12F, at::kFloat);
  EXPECT_EQ(distance(many, at::zeros_like(many), Norm::kL1).item<double>(), 256);
}

TEST(Distance, LargestDistanceIsThatOfOppositeCorners) {
  const Tensor low = at::full({1, 3, 4}, -2.5, at::kFloat);
  const Tensor high = at::full({1, 3, 4}, 3, at::kFloat);
  for (const Norm norm : all_norms()) {
    EXPECT_DOUBLE_EQ(largest_distance(norm, 5.5, 12), distance(low, high, norm).item<double>()) << name_of(norm);
  }
}

TEST(Distance, RefusesDifferentShapes) {
  EXPECT_THROW(static_cast<void>(distance(at::zeros({2, 3}), at::zeros({2, 4}), Norm::kL2)), std::logic_error);
}

}  // namespace
}  // namespace faultline
