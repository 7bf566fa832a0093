// Rows of finite numbers, beside LibTorch's own answer.
#include "faultline/core/finite.h"

#include <gtest/gtest.h>

#include <limits>

namespace faultline {
namespace {

TEST(FiniteRows, SayWhatLibTorchSays) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const at::ScalarType type : {at::kFloat, at::kDouble, at::kHalf}) {
    Tensor values = at::zeros({7, 3, 5}, type);
    values[1][2][4] = kNan;
    values[2][0][0] = kInfinity;
    values[3][1][1] = -kInfinity;
    values[4][1][1] = 65504.0;
    values[5][0][1] = 1e-40;
    values[6][0][1] = -std::numeric_limits<float>::max() * (type == at::kHalf ? 0 : 1);
    EXPECT_TRUE(finite_rows(values).equal(values.isfinite().flatten(1).all(1))) << type;
    const Tensor across = values.transpose(0, 2);  // not contiguous
    EXPECT_TRUE(finite_rows(across).equal(across.isfinite().flatten(1).all(1))) << type;
  }
  EXPECT_EQ(finite_rows(at::zeros({0, 4})).size(0), 0);
  EXPECT_TRUE(finite_rows(at::zeros({2, 0})).all().item<bool>());
}

}  // namespace
}  // namespace faultline
