// Blurs against sums written out here in double precision: edges replicated, no OpenCV.
#include "faultline/mutators/blur.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "faultline/mutators/filters.h"
#include "mutators/drawn_picture.h"

namespace faultline {
namespace {

constexpr double kBlurRounding = 1e-5;  // sums of at most some hundred products of numbers up to 1

struct BlurTap {
  int down = 0;
  int right = 0;
  double weight = 0;
};

PlainPicture tap_sums(const PlainPicture& picture, const std::vector<BlurTap>& taps) {
  return drawn_picture(picture.channels, picture.height, picture.width, [&](int channel, int y, int x) {
    return std::accumulate(taps.begin(), taps.end(), 0.0, [&](double sum, const BlurTap& tap) {
      return sum + tap.weight * at_or_edge(picture, channel, y + tap.down, x + tap.right);
    });
  });
}

std::vector<BlurTap> normalised_taps(std::vector<BlurTap> taps) {
  const double sum = std::accumulate(taps.begin(), taps.end(), 0.0,
                                     [](double total, const BlurTap& tap) { return total + tap.weight; });
  for (BlurTap& tap : taps) {
    tap.weight /= sum;
  }
  return taps;
}

std::vector<BlurTap> gaussian_taps(double sd, int radius) {
  std::vector<BlurTap> taps;
  for (int y = -radius; y <= radius; ++y) {
    for (int x = -radius; x <= radius; ++x) {
      taps.push_back({y, x, std::exp(-(x * x + y * y) / (2 * sd * sd))});
    }
  }
  return normalised_taps(taps);
}

/// A disk on the published grid, smoothed with the grid folded at its edges.
std::vector<BlurTap> disk_taps(double radius, double softness) {
  const int half = radius <= 8 ? 8 : static_cast<int>(radius);
  const int side = 2 * half + 1;
  const auto folded = [&](int place) { return place < 0 ? -place : place >= side ? 2 * (side - 1) - place : place; };
  const std::vector<BlurTap> smoothing = gaussian_taps(softness, radius <= 8 ? 1 : 2);
  std::vector<BlurTap> taps;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      double sum = 0;
      for (const BlurTap& tap : smoothing) {
        const int row = folded(y + tap.down) - half;
        const int column = folded(x + tap.right) - half;
        sum += row * row + column * column <= radius * radius ? tap.weight : 0;
      }
      taps.push_back({y - half, x - half, sum});
    }
  }
  return normalised_taps(taps);
}

std::vector<BlurTap> trail_taps(const MotionTrail& trail) {
  std::vector<BlurTap> taps;
  for (int i = 0; i <= 2 * trail.radius; ++i) {
    const double angle = trail.degrees * std::numbers::pi / 180;
    taps.push_back({static_cast<int>(std::lround(i * std::sin(angle))),
                    static_cast<int>(std::lround(i * std::cos(angle))),
                    std::exp(-i * i / (2 * trail.deviation * trail.deviation))});
  }
  return normalised_taps(taps);
}

std::vector<PlainPicture> blur_pictures() {
  return {PlainPicture(3, 13, 17, 1), PlainPicture(1, 1, 9, 1), PlainPicture(2, 9, 1, 1), PlainPicture(1, 40, 31, 1),
          PlainPicture(1, 1, 1, 1)};
}

TEST(GaussianBlur, IsTheConvolutionWithASampledGaussian) {
  for (const PlainPicture& before : blur_pictures()) {
    for (const auto& [sd, radius] : {std::pair{0.13, 1}, {0.4, 2}, {1.0, 4}, {2.6, 10}}) {
      PlainPicture after = before;
      Draws draws(1);
      EXPECT_EQ(blur_gaussian(after.image(), {.sd = sd}, draws), Mutation::kChanged);
      EXPECT_LT(largest_difference(after, tap_sums(before, gaussian_taps(sd, radius))), kBlurRounding) << sd;
    }
  }
}

TEST(GaussianBlur, BelowADeviationOfAnEighthNothingChanges) {
  const PlainPicture before(3, 8, 8, 1);
  PlainPicture after = before;
  Draws draws(1);
  blur_gaussian(after.image(), {.sd = 0.12}, draws);
  EXPECT_EQ(after.values, before.values);
}

TEST(DefocusBlur, IsTheConvolutionWithASmoothedDisk) {
  for (const PlainPicture& before : blur_pictures()) {
    for (const auto& [radius, softness] : {std::pair{0.3, 0.4}, {1.5, 0.1}, {3.0, 0.1}, {8.0, 0.5}, {10.0, 0.5}}) {
      PlainPicture after = before;
      Draws draws(1);
      blur_defocus(after.image(), {.radius = radius, .softness = softness}, draws);
      EXPECT_LT(largest_difference(after, tap_sums(before, disk_taps(radius, softness))), kBlurRounding)
          << radius << " " << before.height;
    }
  }
}

TEST(DefocusBlur, DisksHaveTheSumOneAndTheirRadius) {
  for (const double radius : {0.0, 0.9, 1.0, 2.3, 7.9, 8.0, 8.1, 12.5}) {
    const cv::Mat kernel = disk_kernel(radius, /*softness=*/0);
    EXPECT_NEAR(cv::sum(kernel)[0], 1, 1e-5) << radius;
    int inside = 0;
    for (int y = -20; y <= 20; ++y) {
      for (int x = -20; x <= 20; ++x) {
        inside += x * x + y * y <= radius * radius ? 1 : 0;
      }
    }
    EXPECT_EQ(cv::countNonZero(kernel), inside) << radius;
  }
}

TEST(MotionBlur, IsTheMeanOfTheTrail) {
  for (const PlainPicture& before : blur_pictures()) {
    for (const MotionTrail trail : {MotionTrail{10, 3, 0}, {6, 1.5, 31}, {4, 8, -44}, {10, 4, -91}, {3, 2, 135.5}}) {
      PlainPicture after = before;
      motion_blur(after.image(), trail);
      EXPECT_LT(largest_difference(after, tap_sums(before, trail_taps(trail))), kBlurRounding)
          << trail.degrees << " " << before.height;
    }
  }
}

TEST(MotionBlur, ALightLeavesATrailToOneSideThatFades) {
  PlainPicture light = drawn_picture(1, 21, 41, [](int, int, int) { return 0; });
  light.at(0, 10, 20) = 1;
  motion_blur(light.image(), {.radius = 6, .deviation = 3, .degrees = 0});
  EXPECT_DOUBLE_EQ(std::accumulate(light.values.begin() + 10 * 41 + 21, light.values.begin() + 11 * 41, 0.0), 0);
  for (int i = 0; i <= 12; ++i) {
    EXPECT_NEAR(light.at(0, 10, 20 - i) / light.at(0, 10, 20), std::exp(-i * i / 18.0), 1e-5);
  }
  EXPECT_EQ(light.at(0, 10, 20 - 13), 0);
  EXPECT_NEAR(std::accumulate(light.values.begin(), light.values.end(), 0.0), 1, 1e-5);
}

TEST(MotionBlur, DirectionsAreDrawnFromMinus45To45Degrees) {
  double most = -90;
  double least = 90;
  for (std::uint64_t key = 0; key < 300; ++key) {
    PlainPicture light = drawn_picture(1, 101, 101, [](int, int, int) { return 0; });
    light.at(0, 50, 50) = 1;
    Draws draws(key);
    blur_motion(light.image(), {.radius = 20, .deviation = 100}, draws);
    std::pair<int, int> farthest{};
    for (int y = 0; y < 101; ++y) {
      for (int x = 0; x < 101; ++x) {
        const std::pair<int, int> offset{50 - y, 50 - x};
        if (light.at(0, y, x) > 0 &&
            std::hypot(offset.first, offset.second) > std::hypot(farthest.first, farthest.second)) {
          farthest = offset;
        }
      }
    }
    const double degrees = std::atan2(farthest.first, farthest.second) * 180 / std::numbers::pi;
    most = std::max(most, degrees);
    least = std::min(least, degrees);
  }
  EXPECT_NEAR(most, 45, 2);
  EXPECT_NEAR(least, -45, 2);
}

/// Bilinear, about the centre.
double magnified(const PlainPicture& picture, int channel, double zoom, int y, int x) {
  const auto source = [&](int place, int side) { return (side - 1) / 2.0 + (place - (side - 1) / 2.0) / zoom; };
  const double row = source(y, picture.height);
  const double column = source(x, picture.width);
  const auto top = static_cast<int>(std::floor(row));
  const auto left = static_cast<int>(std::floor(column));
  const double down = row - top;
  const double right = column - left;
  return (1 - down) * ((1 - right) * at_or_edge(picture, channel, top, left) +
                       right * at_or_edge(picture, channel, top, left + 1)) +
         down * ((1 - right) * at_or_edge(picture, channel, top + 1, left) +
                 right * at_or_edge(picture, channel, top + 1, left + 1));
}

TEST(ZoomBlur, IsTheMeanOfTheImageAndItsMagnifications) {
  struct Published {
    double end;
    double step;
    int count;
  };
  for (const PlainPicture& before : blur_pictures()) {
    for (const Published& zoom :
         {Published{1.11, 0.01, 12}, {1.16, 0.01, 16}, {1.21, 0.02, 11}, {1.26, 0.02, 13}, {1.31, 0.03, 11}}) {
      PlainPicture after = before;
      Draws draws(1);
      blur_zoom(after.image(), {.end = zoom.end, .step = zoom.step}, draws);
      const PlainPicture expected =
          drawn_picture(before.channels, before.height, before.width, [&](int channel, int y, int x) {
            double sum = at_or_edge(before, channel, y, x);
            for (int i = 0; i < zoom.count; ++i) {
              sum += magnified(before, channel, 1 + i * zoom.step, y, x);
            }
            return sum / (zoom.count + 1);
          });
      EXPECT_LT(largest_difference(after, expected), kBlurRounding) << zoom.end;
    }
  }
}

TEST(ZoomBlur, WithoutMagnificationsNothingChanges) {
  const PlainPicture before(3, 9, 8, 1);
  PlainPicture after = before;
  Draws draws(1);
  blur_zoom(after.image(), {.end = 1, .step = 0.01}, draws);
  EXPECT_EQ(after.values, before.values);
}

/// The published loop over pixels; of an exchange `a, b = b, a` of views only the copy a = b is left.
PlainPicture scattered(PlainPicture picture, int distance, int iterations, Draws& draws) {
  std::vector<float> numbers(2 * static_cast<std::size_t>(picture.height * picture.width));
  for (int i = 0; i < iterations; ++i) {
    draws.fill_uniform(numbers);
    for (int y = picture.height - distance; y > distance; --y) {
      for (int x = picture.width - distance; x > distance; --x) {
        const std::size_t pair = 2 * static_cast<std::size_t>(y * picture.width + x);
        const int row = y - distance + static_cast<int>(std::floor(numbers[pair] * 2.0 * distance));
        const int column = x - distance + static_cast<int>(std::floor(numbers[pair + 1] * 2.0 * distance));
        for (int channel = 0; channel < picture.channels; ++channel) {
          picture.at(channel, y, x) = picture.at(channel, row, column);
        }
      }
    }
  }
  return picture;
}

TEST(GlassBlur, BlursMovesPixelsAndBlursAgain) {
  for (const PlainPicture& before : blur_pictures()) {
    for (const GlassBlurParameters& parameters :
         {GlassBlurParameters{0.4, 1, 1}, {0.7, 2, 2}, {1.1, 3, 2}, {0, 4, 1}}) {
      PlainPicture after = before;
      Draws draws(7);
      blur_glass(after.image(), parameters, draws);
      const std::vector<BlurTap> taps = parameters.sd > 0
                                            ? gaussian_taps(parameters.sd, static_cast<int>(4 * parameters.sd + 0.5))
                                            : std::vector<BlurTap>{{0, 0, 1}};
      Draws again(7);
      const PlainPicture expected =
          tap_sums(scattered(tap_sums(before, taps), parameters.distance, parameters.iterations, again), taps);
      EXPECT_LT(largest_difference(after, expected), kBlurRounding) << parameters.distance;
    }
  }
}

TEST(GlassBlur, CopiesPixelsOfTheInsideAndLosesSome) {
  const PlainPicture before(1, 32, 32, 1);
  PlainPicture after = before;
  Draws draws(3);
  blur_glass(after.image(), {.sd = 0, .distance = 1, .iterations = 1}, draws);
  const std::set<float> known(before.values.begin(), before.values.end());
  const std::set<float> left(after.values.begin(), after.values.end());
  EXPECT_TRUE(std::ranges::includes(known, left));
  EXPECT_LT(left.size(), known.size() * 9 / 10);  // an exchange of pixels would keep all
  for (int i = 0; i < 32; ++i) {
    for (const int edge : {0, 1}) {  // the scan ends at distance + 1 = 2
      EXPECT_EQ(after.at(0, edge, i), at_or_edge(before, 0, edge, i));
      EXPECT_EQ(after.at(0, i, edge), at_or_edge(before, 0, i, edge));
    }
  }
  EXPECT_NE(after.at(0, 31, 30), at_or_edge(before, 0, 31, 30));
}

TEST(GlassBlur, ChannelsMoveTogether) {
  PlainPicture image =
      drawn_picture(3, 24, 24, [](int channel, int y, int x) { return channel / 4.0 + (24 * y + x) * 1e-4; });
  Draws draws(3);
  blur_glass(image.image(), {.sd = 0, .distance = 2, .iterations = 2}, draws);
  for (int y = 0; y < 24; ++y) {
    for (int x = 0; x < 24; ++x) {
      EXPECT_NEAR(image.at(2, y, x) - image.at(0, y, x), 0.5, 1e-6);
    }
  }
}

double median_around(const PlainPicture& picture, int channel, double radius, int y, int x) {
  std::vector<double> values;
  for (int down = -9; down <= 9; ++down) {
    for (int right = -9; right <= 9; ++right) {
      if (down * down + right * right <= radius * radius) {
        values.push_back(at_or_edge(picture, channel, y + down, x + right));
      }
    }
  }
  std::ranges::sort(values);
  return values[values.size() / 2];
}

TEST(MedianBlur, IsTheMiddleOfTheSortedWindow) {
  std::vector<PlainPicture> all = blur_pictures();
  all.push_back(drawn_picture(1, 20, 20, [](int, int y, int x) { return (x * y) % 3 / 2.0; }));  // many equal values
  for (const PlainPicture& before : all) {
    for (const double radius : {1.0, 1.5, 2.3, 3.7, 9.0}) {
      PlainPicture after = before;
      Draws draws(1);
      blur_median(after.image(), {.radius = radius}, draws);
      const PlainPicture expected =
          drawn_picture(before.channels, before.height, before.width,
                        [&](int channel, int y, int x) { return median_around(before, channel, radius, y, x); });
      EXPECT_EQ(after.values, expected.values) << radius;
    }
  }
}

TEST(MedianBlur, TakesAwayALineAndKeepsAnEdge) {
  PlainPicture image = drawn_picture(1, 16, 16, [](int, int, int x) { return x == 4 || x >= 8 ? 1 : 0; });
  Draws draws(1);
  blur_median(image.image(), {.radius = 1.5}, draws);
  const PlainPicture expected = drawn_picture(1, 16, 16, [](int, int, int x) { return x >= 8 ? 1 : 0; });
  EXPECT_EQ(image.values, expected.values);
}

}  // namespace
}  // namespace faultline
