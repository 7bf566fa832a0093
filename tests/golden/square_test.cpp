// The Square Attack: exact on linear models in Linf, and the windows it is made of.
#include <gtest/gtest.h>

#include <set>

#include "faultline/attacks/square_moves.h"
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

/// What the published code makes of a point: `to` gets its own, normalised, and a bump, at the mass of both windows and
/// of a share of what is unspent; `from` gets nothing. Per channel; drawn in the same order.
std::vector<float> moved_as_published(const Grid& grid, Norm norm, const std::vector<float>& delta, double epsilon,
                                      Draws& draws) {
  const Window size = size_of_window(0.2, grid, {.least = 3, .odd = true});
  const Window to = place(size, grid, draws, Reach::kEverywhere);
  const Window from = place(size, grid, draws, Reach::kEverywhere);
  const std::vector<float> shape = bump(size, norm, /*upright=*/draws.below(2) == 0);
  std::vector<float> moved = delta;
  const double spent = length_of(delta, norm);
  for (int channel = 0; channel < grid.channels; ++channel) {
    std::vector<float> both(delta.size(), 0.0F);
    std::vector<float> held(shape.size());
    from.for_each(grid, channel, [&](std::size_t place, std::size_t) { both[place] = delta[place]; });
    to.for_each(grid, channel, [&](std::size_t place, std::size_t i) { both[place] = held[i] = delta[place]; });
    from.for_each(grid, channel, [&](std::size_t place, std::size_t) { moved[place] = 0; });
    const double windows = length_of(both, norm);
    const double mass =
        norm == Norm::kL1
            ? (std::max(epsilon - spent, 0.0) / grid.channels + windows) * grid.channels
            : std::sqrt(std::max(epsilon * epsilon - spent * spent, 0.0) / grid.channels + windows * windows);
    const double length = length_of(held, norm) + 1e-12;
    const auto sign = static_cast<float>(draws.sign());
    std::vector<float> filling(shape.size());
    for (std::size_t i = 0; i < shape.size(); ++i) {
      filling[i] = static_cast<float>(held[i] / length) + sign * shape[i];
    }
    const double filled = length_of(filling, norm) + 1e-12;
    to.for_each(grid, channel, [&](std::size_t place, std::size_t i) {
      moved[place] = static_cast<float>(filling[i] * mass / filled);
    });
  }
  const double scale = norm == Norm::kL1 ? 1 : epsilon / length_of(moved, norm);
  std::ranges::for_each(moved, [scale](float& value) { value = static_cast<float>(value * scale); });
  return moved;
}

TEST(SquareMoves, OfMassAreAsPublishedInSeveralChannels) {
  const Grid grid{.channels = 3, .height = 9, .width = 9};
  const std::vector<float> clean(static_cast<std::size_t>(grid.elements()), 0.5F);
  for (const Norm norm : {Norm::kL1, Norm::kL2}) {
    MassMoves moves(grid, norm);
    std::vector<float> point(clean.size());
    Draws draws(1);
    moves.start(point, clean, /*epsilon=*/2, draws);
    moves.prepare({.share = 0.2});
    for (std::uint64_t key = 0; key < 20; ++key) {
      std::vector<float> delta(clean.size());
      std::ranges::transform(point, clean, delta.begin(), std::minus<>());
      Draws ours(key);
      Draws theirs(key);
      moves.move(point, clean, 2, ours);
      const std::vector<float> expected = moved_as_published(grid, norm, delta, 2, theirs);
      for (std::size_t i = 0; i < clean.size(); ++i) {
        ASSERT_NEAR(point[i] - clean[i], expected[i], 1e-5) << name_of(norm) << ", " << i;
      }
      if (norm == Norm::kL1) {  // the projection, which follows, makes it small again
        const double size = length_of(expected, norm);
        std::ranges::transform(expected, point.begin(), [&](float value) { return 0.5F + value / float(size) * 1.5F; });
      }
    }
  }
}

TEST(SquareWindows, PyramidsAreSteeperInL1) {
  const Window size{.height = 10, .width = 5};  // two of five by five, of heights 1 + 1/4 + 1/9 and 1 + 1/16 + 1/81
  const std::vector<float> flat = bump(size, Norm::kL2, /*upright=*/true);
  const std::vector<float> steep = bump(size, Norm::kL1, /*upright=*/true);
  EXPECT_NEAR(flat[2 * 5 + 2] / flat[1 * 5 + 2], (1 + 1 / 4.0 + 1 / 9.0) / (1 / 4.0 + 1 / 9.0), 1e-4);
  EXPECT_NEAR(steep[2 * 5 + 2] / steep[1 * 5 + 2], (1 + 1 / 16.0 + 1 / 81.0) / (1 / 16.0 + 1 / 81.0), 1e-4);
}

}  // namespace
}  // namespace faultline
