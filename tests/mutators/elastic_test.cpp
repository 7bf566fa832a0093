// The elastic distortion against its definition, written out without any of the library's filters or samplers.
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "faultline/mutators/geometry.h"
#include "mutators/plain_picture.h"

namespace faultline {
namespace {

/// The pixel at `index` of a row mirrored at its ends: walks there, and turns round at each end. On the outermost
/// pixel it stays for `stay` steps before it goes back.
int mirrored(int index, int side, int stay) {
  int place = 0;
  int step = index < 0 ? -1 : 1;
  int rest = 0;
  for (int i = 0; i < std::abs(index); ++i) {
    const bool at_end = step > 0 ? place == side - 1 : place == 0;
    if (at_end) {
      step = -step;
      rest = stay;
    }
    place += rest > 0 ? 0 : step;
    rest = 0;
  }
  return place;
}

double mirrored_sample(const PlainPicture& picture, int channel, Spot spot, int stay) {
  double sum = 0;
  for (int y = -3 * picture.height; y < 4 * picture.height; ++y) {
    for (int x = -3 * picture.width; x < 4 * picture.width; ++x) {
      const double weight = std::max(0.0, 1 - std::abs(spot.x - x)) * std::max(0.0, 1 - std::abs(spot.y - y));
      if (weight > 0) {
        sum += weight * static_cast<double>(
                            picture.at(channel, mirrored(y, picture.height, stay), mirrored(x, picture.width, stay)));
      }
    }
  }
  return sum;
}

/// Numbers in -1 .. 1, smoothed by the definition of a Gaussian cut at three deviations, times alpha.
PlainPicture drawn_field(const PlainPicture& shape, const ElasticParameters& parameters, Draws& draws) {
  PlainPicture noise(1, shape.height, shape.width, 0);
  draws.fill_uniform(noise.values);
  PlainPicture field = noise;
  const int radius = static_cast<int>(3 * parameters.sd + 0.5);
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x) {
      double sum = 0;
      double total = 0;
      for (int i = -radius; i <= radius; ++i) {
        for (int j = -radius; j <= radius; ++j) {
          const double weight = std::exp(-(i * i + j * j) / (2 * parameters.sd * parameters.sd));
          const float value = noise.at(0, mirrored(y + i, shape.height, 1), mirrored(x + j, shape.width, 1));
          sum += weight * (2.0 * static_cast<double>(value) - 1);
          total += weight;
        }
      }
      field.at(0, y, x) = static_cast<float>(parameters.alpha * sum / total);
    }
  }
  return field;
}

/// Three points of an image of 12 x 9 and where they are drawn to: what takes (x, y) back.
struct DrawnAffine {
  std::array<Spot, 3> from{{{9, 7}, {9, 1}, {3, 1}}};
  std::array<Spot, 3> to = from;

  DrawnAffine(double reach, Draws& draws) {
    for (Spot& spot : to) {
      spot.x += draws.between(-reach, reach);
      spot.y += draws.between(-reach, reach);
    }
  }

  /// By the shares of the three points in (x, y).
  [[nodiscard]] Spot origin(double x, double y) const {
    const auto area = [](Spot a, Spot b, Spot c) { return (b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y); };
    const double whole = area(to[0], to[1], to[2]);
    const double first = area({x, y}, to[1], to[2]) / whole;
    const double second = area(to[0], {x, y}, to[2]) / whole;
    const double third = 1 - first - second;
    return {.x = first * from[0].x + second * from[1].x + third * from[2].x,
            .y = first * from[0].y + second * from[1].y + third * from[2].y};
  }
};

TEST(Elastic, FollowsItsDefinition) {
  for (const ElasticParameters& parameters :
       {ElasticParameters{.alpha = 9, .sd = 1.3, .affine = 1.5}, ElasticParameters{.alpha = 0, .sd = 1, .affine = 1.2},
        ElasticParameters{.alpha = 4, .sd = 0.8, .affine = 0}, ElasticParameters{.alpha = 3, .sd = 0.1, .affine = 2},
        ElasticParameters{.alpha = 40, .sd = 5, .affine = 1}}) {
    const PlainPicture before(2, 9, 12, 7);
    PlainPicture after = before;
    Draws draws(11);
    EXPECT_EQ(elastic(after.image(), parameters, draws), Mutation::kChanged);
    Draws again(11);
    const DrawnAffine affine(parameters.affine, again);
    const PlainPicture dx = drawn_field(before, parameters, again);
    const PlainPicture dy = drawn_field(before, parameters, again);
    PlainPicture between = before;
    for (int c = 0; c < 2; ++c) {
      for (int y = 0; y < 9; ++y) {
        for (int x = 0; x < 12; ++x) {
          between.at(c, y, x) = static_cast<float>(mirrored_sample(before, c, affine.origin(x, y), 0));
        }
      }
    }
    expect_values(after, 1e-4, [&](int c, int y, int x) {
      const Spot spot{x + static_cast<double>(dx.at(0, y, x)), y + static_cast<double>(dy.at(0, y, x))};
      return mirrored_sample(between, c, spot, 1);
    });
  }
}

TEST(Elastic, HasNoBlackEdges) {
  PlainPicture white(3, 20, 31, 0);
  std::ranges::fill(white.values, 1.0F);
  Draws draws(3);
  EXPECT_EQ(elastic(white.image(), {.alpha = 400, .sd = 2, .affine = 8}, draws), Mutation::kChanged);
  expect_values(white, 1e-6, [](int, int, int) { return 1; });
}

}  // namespace
}  // namespace faultline
