// Geometry against index arithmetic where it is exact, and against a sampler that knows no neighbours where it is not.
#include "faultline/mutators/geometry.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <numbers>
#include <set>
#include <utility>

#include "mutators/plain_picture.h"

namespace faultline {
namespace {

constexpr double kExact = 0;
constexpr double kGeometryRounding = 2e-5;  // of single precision weights, on values up to 1

/// Bilinear interpolation as a sum of hats over every pixel; black beyond the edges.
double hat_sample(const PlainPicture& picture, int channel, Spot spot) {
  double sum = 0;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const double weight = std::max(0.0, 1 - std::abs(spot.x - x)) * std::max(0.0, 1 - std::abs(spot.y - y));
      sum += weight * static_cast<double>(picture.at(channel, y, x));
    }
  }
  return sum;
}

/// Where the forward transform x' = m u about the centre brings (x, y) from.
struct Forward {
  double xx = 1, xy = 0, yx = 0, yy = 1;

  [[nodiscard]] Spot origin(const PlainPicture& picture, int x, int y) const {
    const double middle_x = (picture.width - 1) * 0.5;
    const double middle_y = (picture.height - 1) * 0.5;
    const double u = x - middle_x;
    const double v = y - middle_y;
    const double determinant = xx * yy - xy * yx;
    return {.x = middle_x + (yy * u - xy * v) / determinant, .y = middle_y + (xx * v - yx * u) / determinant};
  }
};

template <typename Mutator>
void expect_affine(const Forward& forward, const Mutator& mutator) {
  const PlainPicture before(2, 9, 12, 5);
  PlainPicture after = before;
  Draws draws(1);
  EXPECT_EQ(mutator(after.image(), draws), Mutation::kChanged);
  expect_values(after, kGeometryRounding,
                [&](int c, int y, int x) { return hat_sample(before, c, forward.origin(before, x, y)); });
}

double in_radians(double degrees) { return degrees * std::numbers::pi / 180; }

TEST(Geometry, TranslationByWholePixelsMovesThemExactly) {
  for (const auto& [dx, dy] : std::vector<std::pair<int, int>>{{1, 0}, {0, 1}, {-2, 3}, {4, -1}, {7, 0}, {-100, 2}}) {
    const PlainPicture before(3, 5, 7, 1);
    PlainPicture after = before;
    Draws draws(1);
    translate(after.image(), {.dx = static_cast<double>(dx), .dy = static_cast<double>(dy)}, draws);
    expect_values(after, kExact, [&](int c, int y, int x) { return before.at_or_black(c, y - dy, x - dx); });
  }
}

TEST(Geometry, TranslationByPartsOfPixelsInterpolates) {
  const PlainPicture before(2, 6, 7, 1);
  PlainPicture after = before;
  Draws draws(1);
  translate(after.image(), {.dx = 1.25, .dy = -0.6}, draws);
  expect_values(after, kGeometryRounding,
                [&](int c, int y, int x) { return hat_sample(before, c, {.x = x - 1.25, .y = y + 0.6}); });
}

TEST(Geometry, QuarterTurnsOfSquaresAreExact) {
  for (const int side : {1, 4, 5, 28}) {
    PlainPicture before(3, side, side, 2);
    for (float& value : before.values) {
      value = value < 0.5F ? 0 : value;  // beside a black pixel the smallest share of another one shows
    }
    const int last = side - 1;
    const auto turned = [&](double degrees) {
      PlainPicture after = before;
      Draws draws(1);
      rotate(after.image(), {.degrees = degrees}, draws);
      return after;
    };
    for (const double degrees : {90.0, -270.0}) {
      expect_values(turned(degrees), kExact, [&](int c, int y, int x) { return before.at(c, x, last - y); });
    }
    for (const double degrees : {180.0, -180.0}) {
      expect_values(turned(degrees), kExact, [&](int c, int y, int x) { return before.at(c, last - y, last - x); });
    }
    for (const double degrees : {270.0, -90.0}) {
      expect_values(turned(degrees), kExact, [&](int c, int y, int x) { return before.at(c, last - x, y); });
    }
    for (const double degrees : {360.0, -360.0}) {
      EXPECT_EQ(turned(degrees).values, before.values);
    }
  }
}

TEST(Geometry, HalfTurnsOfRectanglesAreExact) {
  const PlainPicture before(2, 4, 7, 3);
  PlainPicture after = before;
  Draws draws(1);
  rotate(after.image(), {.degrees = 180}, draws);
  expect_values(after, kExact, [&](int c, int y, int x) { return before.at(c, 3 - y, 6 - x); });
}

TEST(Geometry, FlipsAreExact) {
  const PlainPicture before(3, 5, 4, 4);
  PlainPicture after = before;
  Draws draws(1);
  flip(after.image(), {.axis = FlipAxis::kHorizontal}, draws);
  expect_values(after, kExact, [&](int c, int y, int x) { return before.at(c, y, 3 - x); });
  flip(after.image(), {.axis = FlipAxis::kVertical}, draws);
  expect_values(after, kExact, [&](int c, int y, int x) { return before.at(c, 4 - y, 3 - x); });
}

TEST(Geometry, NothingMovesAtTheIdentity) {
  const PlainPicture before(3, 6, 9, 5);
  PlainPicture after = before;
  Draws draws(1);
  translate(after.image(), {.dx = 0, .dy = 0}, draws);
  rotate(after.image(), {.degrees = 0}, draws);
  magnify(after.image(), {.factor = 1, .direction = Sizing::kMagnify}, draws);
  magnify(after.image(), {.factor = 1, .direction = Sizing::kShrink}, draws);
  shear(after.image(), {.degrees = 0, .vertical = 0}, draws);
  perspective(after.image(), {.jitter = 0}, draws);
  elastic(after.image(), {.alpha = 0, .sd = 2, .affine = 0}, draws);
  crop_and_pad(after.image(), {.share = 0}, draws);
  EXPECT_EQ(after.values, before.values);
}

TEST(Geometry, RotationIsCounterClockwise) {
  for (const double degrees : {17.0, -50.0, 133.0}) {
    const double c = std::cos(in_radians(degrees));
    const double s = std::sin(in_radians(degrees));
    expect_affine({.xx = c, .xy = s, .yx = -s, .yy = c},
                  [&](Image image, Draws& draws) { return rotate(image, {.degrees = degrees}, draws); });
  }
}

TEST(Geometry, ScaleMultipliesOrDividesLengths) {
  expect_affine({.xx = 1.3, .yy = 1.3},
                [](Image image, Draws& draws) { return magnify(image, {.factor = 1.3}, draws); });
  expect_affine({.xx = 0.625, .yy = 0.625}, [](Image image, Draws& draws) {
    return magnify(image, {.factor = 1.6, .direction = Sizing::kShrink}, draws);
  });
}

TEST(Geometry, ShearLeansFirstAndThenRises) {
  const double lean = std::tan(in_radians(21));
  const double rise = std::tan(in_radians(-9));
  // x' = x - lean y and y' = y - rise x', written out.
  expect_affine({.xx = 1, .xy = -lean, .yx = -rise, .yy = 1 + rise * lean},
                [](Image image, Draws& draws) { return shear(image, {.degrees = 21, .vertical = -9}, draws); });
}

/// The eight numbers of the projection that takes `from` to `to`, by elimination with the largest pivot.
std::array<double, 8> projection(const std::array<Spot, 4>& from, const std::array<Spot, 4>& to) {
  std::array<std::array<double, 9>, 8> rows{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& [x, y] = from[i];
    rows[2 * i] = {x, y, 1, 0, 0, 0, -x * to[i].x, -y * to[i].x, to[i].x};
    rows[2 * i + 1] = {0, 0, 0, x, y, 1, -x * to[i].y, -y * to[i].y, to[i].y};
  }
  for (std::size_t k = 0; k < 8; ++k) {
    const auto larger = [&](const auto& a, const auto& b) { return std::abs(a[k]) < std::abs(b[k]); };
    std::swap(rows[k], *std::max_element(rows.begin() + static_cast<std::ptrdiff_t>(k), rows.end(), larger));
    for (std::size_t row = 0; row < 8; ++row) {
      const double share = row == k ? 0 : rows[row][k] / rows[k][k];
      for (std::size_t column = 0; column < 9; ++column) {
        rows[row][column] -= share * rows[k][column];
      }
    }
  }
  std::array<double, 8> solution{};
  for (std::size_t k = 0; k < 8; ++k) {
    solution[k] = rows[k][8] / rows[k][k];
  }
  return solution;
}

TEST(Geometry, PerspectiveTakesTheDrawnCornersToTheCorners) {
  constexpr double kJitter = 0.15;
  for (std::uint64_t key = 0; key < 5; ++key) {
    const PlainPicture before(2, 8, 11, 6);
    PlainPicture after = before;
    Draws draws(key);
    EXPECT_EQ(perspective(after.image(), {.jitter = kJitter}, draws), Mutation::kChanged);
    const std::array<Spot, 4> corners{{{-0.5, -0.5}, {10.5, -0.5}, {10.5, 7.5}, {-0.5, 7.5}}};
    std::array<Spot, 4> moved = corners;
    Draws again(key);
    for (Spot& corner : moved) {
      corner.x += kJitter * 11 * again.between(-1, 1);
      corner.y += kJitter * 8 * again.between(-1, 1);
    }
    const std::array<double, 8> m = projection(moved, corners);
    expect_values(after, 1e-4, [&](int c, int y, int x) {
      const double depth = m[6] * x + m[7] * y + 1;
      return hat_sample(before, c, {(m[0] * x + m[1] * y + m[2]) / depth, (m[3] * x + m[4] * y + m[5]) / depth});
    });
  }
}

TEST(Geometry, TheStrongestPerspectiveShowsTheImage) {
  for (std::uint64_t key = 0; key < 2000; ++key) {
    PlainPicture white(1, 12, 12, 6);
    std::fill(white.values.begin(), white.values.end(), 1.0F);
    Draws draws(key);
    perspective(white.image(), {.jitter = 0.24}, draws);
    EXPECT_NEAR(white.at(0, 6, 6), 1, kGeometryRounding) << "key " << key;
  }
}

TEST(Geometry, CropAndPadReachesEverySideAndCornerAndKeepsTheRest) {
  std::set<std::string> margins;
  for (std::uint64_t key = 0; key < 200; ++key) {
    const PlainPicture before(2, 8, 10, 8);
    PlainPicture after = before;
    Draws draws(key);
    EXPECT_EQ(crop_and_pad(after.image(), {.share = 0.3}, draws), Mutation::kChanged);
    // 0.3 of 8 rows is 2, of 10 columns 3.
    const bool left = after.at(0, 4, 0) == 0;
    const bool right = after.at(0, 4, 9) == 0;
    const bool top = after.at(0, 0, 5) == 0;
    const bool bottom = after.at(0, 7, 5) == 0;
    EXPECT_FALSE(left && right);
    EXPECT_FALSE(top && bottom);
    expect_values(after, kExact, [&](int c, int y, int x) {
      const bool black = (left && x < 3) || (right && x > 6) || (top && y < 2) || (bottom && y > 5);
      return black ? 0.0F : before.at(c, y, x);
    });
    margins.insert({left ? 'l' : '-', right ? 'r' : '-', top ? 't' : '-', bottom ? 'b' : '-'});
  }
  EXPECT_EQ(margins.size(), 8U);
  EXPECT_FALSE(margins.contains("----"));
}

TEST(Geometry, CropAndPadOfLessThanHalfAPixelIsSkipped) {
  PlainPicture picture(1, 3, 3, 9);
  const std::vector<float> before = picture.values;
  Draws draws(1);
  EXPECT_EQ(crop_and_pad(picture.image(), {.share = 0.1}, draws), Mutation::kSkipped);
  EXPECT_EQ(picture.values, before);
}

}  // namespace
}  // namespace faultline
