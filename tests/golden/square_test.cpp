// The Square Attack: exact on linear models in Linf, and the windows it is made of.
#include <gtest/gtest.h>

#include <set>

#include "faultline/attacks/square_windows.h"
#include "golden/linear_checks.h"

namespace faultline {
namespace {

TEST(LinearGolden, SquareIsExactInLinf) {
  // One element decides on its own, so that windows of one element end at the optimum.
  for (const std::string spec : {"square:queries=1500", "square:queries=5000"}) {
    expect_exact(two_classes(), spec, Norm::kLinf, untargeted_distances(two_classes(), Norm::kLinf));
  }
  const LinearGolden golden = two_classes();
  expect_exact(golden, "square:queries=1500", Norm::kLinf, untargeted_distances(golden, Norm::kLinf),
               1 - golden.batch.labels);
}

TEST(LinearGolden, SquareNeverClaimsInsideTheDistance) {
  const LinearGolden golden = five_blocks();
  for (const Norm norm : {Norm::kL1, Norm::kL2, Norm::kLinf}) {
    const Tensor distances = untargeted_distances(golden, norm);
    const std::vector<Outcome> inside =
        outcomes(golden, "square:queries=500", threat_at(golden, norm, distances * 0.99));
    EXPECT_EQ(std::ranges::count(inside, Outcome::kNothing), std::ssize(inside)) << name_of(norm);
    const std::vector<Outcome> beyond = outcomes(golden, "square:queries=500", threat_at(golden, norm, distances * 3));
    EXPECT_EQ(std::ranges::count(beyond, Outcome::kFound), std::ssize(beyond)) << name_of(norm);
  }
}

TEST(SquareWindows, HaveTheShareOfTheArea) {
  const Grid square{.channels = 3, .height = 28, .width = 28};
  for (const auto& [share, side] : {std::pair(0.8, 25), std::pair(0.1, 9), std::pair(0.00625, 2), std::pair(1e-6, 1)}) {
    const Window window = size_of_window(share, square, {});
    EXPECT_EQ(std::pair(window.height, window.width), std::pair(side, side)) << share;
  }
  const Window odd = size_of_window(0.1 * 0.1, square, {.least = 3, .odd = true});
  EXPECT_EQ(std::pair(odd.height, odd.width), std::pair(3, 3));
}

TEST(SquareWindows, MakeUpForAGridThatIsNoSquare) {
  for (const Grid& grid : {Grid{1, 4, 100}, Grid{1, 100, 4}, Grid{1, 1, 400}, Grid{1, 400, 1}}) {
    const Window window = size_of_window(0.5, grid, {});
    EXPECT_EQ(window.height * window.width, 200) << grid.height << " x " << grid.width;
  }
}

TEST(SquareWindows, GridsAreRowsOfElements) {
  const auto shape = [](at::IntArrayRef sizes) {
    const Grid grid = grid_of(at::zeros(sizes));
    return std::vector<int>{grid.channels, grid.height, grid.width};
  };
  EXPECT_EQ(shape({7, 3, 20, 10}), (std::vector{3, 20, 10}));
  EXPECT_EQ(shape({7, 20, 10}), (std::vector{1, 20, 10}));
  EXPECT_EQ(shape({7, 10}), (std::vector{1, 1, 10}));
  EXPECT_EQ(shape({7, 2, 3, 4, 5}), (std::vector{6, 4, 5}));
}

TEST(SquareWindows, ReachEveryPlaceOrAllButTheLast) {
  const Grid grid{.height = 4, .width = 6};
  for (const auto& [reach, lost] : {std::pair(Reach::kEverywhere, 0), std::pair(Reach::kPublished, 1)}) {
    std::set<std::pair<int, int>> seen;
    for (std::uint64_t key = 0; key < 2000; ++key) {
      Draws draws(key);
      const Window window = place({.height = 2, .width = 3}, grid, draws, reach);
      ASSERT_TRUE(window.top >= 0 && window.top + window.height <= grid.height);
      ASSERT_TRUE(window.left >= 0 && window.left + window.width <= grid.width);
      seen.emplace(window.top, window.left);
    }
    EXPECT_EQ(std::ssize(seen), (3 - lost) * (4 - lost));
  }
}

TEST(SquareWindows, BumpsHaveTwoSignsAndLengthOne) {
  for (const Norm norm : {Norm::kL1, Norm::kL2}) {
    const Window size{.height = 5, .width = 7};
    for (const bool upright : {true, false}) {
      const std::vector<float> values = bump(size, norm, upright);
      EXPECT_NEAR(length_of(values, norm), 1, 1e-6);
      for (int row = 0; row < size.height; ++row) {
        for (int column = 0; column < size.width; ++column) {
          const bool first = upright ? row < size.height / 2 : column < size.width / 2;
          EXPECT_EQ(values[static_cast<std::size_t>(row * size.width + column)] > 0, first) << row << ", " << column;
        }
      }
    }
    EXPECT_EQ(bump({.height = 1, .width = 1}, norm, true), std::vector{-1.0F});
  }
}

}  // namespace
}  // namespace faultline
