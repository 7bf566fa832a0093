// Compression against closed forms, and against a resampler that knows one axis and double precision.
#include "faultline/mutators/compression.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "mutators/drawn_picture.h"

namespace faultline {
namespace {

constexpr double kResampleRounding = 1e-5;

template <typename Parameters>
PlainPicture compressed(PlainPicture picture, Mutation (*change)(Image, const Parameters&, Draws&),
                        const Parameters& parameters) {
  Draws draws(1);
  EXPECT_EQ(change(picture.image(), parameters, draws), Mutation::kChanged);
  return picture;
}

TEST(BitDepth, RoundsToTheNearestLevel) {
  const PlainPicture before(3, 20, 20, /*key=*/1);
  for (const int bits : {1, 2, 3, 5, 8}) {
    const PlainPicture after = compressed(before, &reduce_bit_depth, {.bits = bits});
    const int steps = (1 << bits) - 1;
    for (std::size_t i = 0; i < before.values.size(); ++i) {
      double nearest = 0;
      for (int level = 1; level <= steps; ++level) {
        const double value = static_cast<double>(level) / steps;
        nearest = std::abs(value - before.values[i]) < std::abs(nearest - before.values[i]) ? value : nearest;
      }
      ASSERT_EQ(after.values[i], static_cast<float>(nearest));
    }
  }
}

TEST(BitDepth, KeepsBlackAndWhiteAndAtTwentyFourBitsEverything) {
  const PlainPicture ends = drawn_picture(1, 2, 2, [](int, int, int x) { return x; });
  EXPECT_EQ(compressed(ends, &reduce_bit_depth, {.bits = 1}).values, ends.values);
  const PlainPicture any(3, 9, 9, /*key=*/1);
  EXPECT_EQ(compressed(any, &reduce_bit_depth, {.bits = 24}).values, any.values);
}

/// The weights of the pixels of an axis in one of the new axis.
using AxisWeights = std::function<std::vector<double>(int side, int new_side, int place)>;

PlainPicture reshaped(const PlainPicture& before, int height, int width, const AxisWeights& weights) {
  return drawn_picture(before.channels, height, width, [&](int channel, int y, int x) {
    const std::vector<double> rows = weights(before.height, height, y);
    const std::vector<double> columns = weights(before.width, width, x);
    double sum = 0;
    for (int row = 0; row < before.height; ++row) {
      for (int column = 0; column < before.width; ++column) {
        sum += rows[static_cast<std::size_t>(row)] * columns[static_cast<std::size_t>(column)] *
               static_cast<double>(before.at(channel, row, column));
      }
    }
    return sum;
  });
}

std::vector<double> covered_weights(int side, int new_side, int place) {
  std::vector<double> weights;
  const double scale = static_cast<double>(side) / new_side;
  for (int i = 0; i < side; ++i) {
    weights.push_back(std::max(0.0, std::min(i + 1.0, (place + 1) * scale) - std::max<double>(i, place * scale)) /
                      scale);
  }
  return weights;
}

std::vector<double> nearest_weights(int side, int new_side, int place) {
  std::vector<double> weights(static_cast<std::size_t>(side));
  weights[static_cast<std::size_t>((2 * place + 1) * side / (2 * new_side))] = 1;
  return weights;
}

/// A kernel around the centre of the pixel; what falls beyond the edges belongs to the pixel there.
AxisWeights kernel_weights(const std::function<double(double)>& kernel) {
  return [kernel](int side, int new_side, int place) {
    std::vector<double> weights(static_cast<std::size_t>(side));
    const double centre = (place + 0.5) * side / new_side - 0.5;
    for (int i = -4; i < side + 4; ++i) {
      weights[static_cast<std::size_t>(std::clamp(i, 0, side - 1))] += kernel(std::abs(i - centre));
    }
    return weights;
  };
}

double linear_kernel(double distance) { return std::max(0.0, 1 - distance); }

/// Cubic convolution (Keys 1981) with a = -0.75.
double cubic_kernel(double distance) {
  const double a = -0.75;
  if (distance <= 1) {
    return (a + 2) * std::pow(distance, 3) - (a + 3) * distance * distance + 1;
  }
  return distance < 2 ? a * (std::pow(distance, 3) - 5 * distance * distance + 8 * distance - 4) : 0;
}

struct Reduction {
  int height;
  int width;
  double scale;
  int reduced_height;
  int reduced_width;
};

const std::vector<Reduction>& reductions() {
  static const std::vector<Reduction> kAll{{8, 8, 0.5, 4, 4}, {7, 5, 0.6, 4, 3},   {32, 32, 0.95, 30, 30},
                                           {3, 9, 0.1, 1, 1}, {1, 12, 0.35, 1, 4}, {11, 1, 0.9, 9, 1},
                                           {28, 28, 0, 1, 1}, {13, 17, 0.35, 4, 5}};
  return kAll;
}

TEST(Pixelate, SquaresHaveTheMeanOfTheAreaTheyCover) {
  for (const Reduction& reduction : reductions()) {
    const PlainPicture before(3, reduction.height, reduction.width, /*key=*/2);
    const PlainPicture reduced = reshaped(before, reduction.reduced_height, reduction.reduced_width, covered_weights);
    const PlainPicture expected = reshaped(reduced, reduction.height, reduction.width, nearest_weights);
    const PlainPicture after = compressed(before, &pixelate, {.scale = reduction.scale});
    EXPECT_LT(largest_difference(after, expected), kResampleRounding) << reduction.height << " " << reduction.scale;
  }
}

TEST(Resample, IsTheInterpolationDownThenUp) {
  const std::vector<AxisWeights> weights{kernel_weights(linear_kernel), kernel_weights(cubic_kernel), nearest_weights};
  for (const Reduction& reduction : reductions()) {
    const PlainPicture before(2, reduction.height, reduction.width, /*key=*/2);
    for (int down = 0; down < 3; ++down) {
      const PlainPicture reduced =
          reshaped(before, reduction.reduced_height, reduction.reduced_width, weights[static_cast<std::size_t>(down)]);
      for (int up = 0; up < 3; ++up) {
        const PlainPicture expected =
            reshaped(reduced, reduction.height, reduction.width, weights[static_cast<std::size_t>(up)]);
        const PlainPicture after = compressed(before, &resample, {.scale = reduction.scale, .down = down, .up = up});
        EXPECT_LT(largest_difference(after, expected), kResampleRounding)
            << reduction.height << " " << reduction.scale << " " << down << " " << up;
      }
    }
  }
}

TEST(Resample, AtFullSizeNothingChanges) {
  const PlainPicture before(3, 7, 9, /*key=*/2);
  for (int way = 0; way < 3; ++way) {
    EXPECT_EQ(compressed(before, &resample, {.scale = 1, .down = way, .up = way}).values, before.values);
  }
  EXPECT_EQ(compressed(before, &pixelate, {.scale = 1}).values, before.values);
}

/// Channels differ, so that an exchange of two shows.
PlainPicture smooth_picture(int channels) {
  return drawn_picture(channels, 40, 56, [](int channel, int y, int x) {
    return 0.15 + 0.2 * channel + 0.1 * std::sin(y / 12.0) + 0.1 * std::cos(x / 15.0 + channel);
  });
}

/// Colours are rounded twice more, on their way to brightness and back.
TEST(Jpeg, OfQuality100KeepsSmoothImages) {
  for (const int channels : {1, 2, 3, 4}) {
    const PlainPicture before = smooth_picture(channels);
    const PlainPicture after = compressed(before, &compress_jpeg, {.quality = 100});
    EXPECT_LT(largest_difference(after, before), channels == 3 ? 4.0 / 255 : 2.0 / 255) << channels;
    EXPECT_LT(mean_difference(after, before), 1.0 / 255) << channels;
    EXPECT_NE(after.values, before.values) << channels;
  }
}

TEST(Jpeg, LowerQualityLosesMore) {
  for (const int channels : {1, 3}) {
    const PlainPicture grain(channels, 40, 56, /*key=*/3);
    PlainPicture before = smooth_picture(channels);
    for (std::size_t i = 0; i < before.values.size(); ++i) {
      before.values[i] += 0.2F * (grain.values[i] - 0.5F);
    }
    double loss = 0;
    for (const int quality : {100, 80, 60, 40, 25, 12, 1}) {
      const double more = mean_difference(compressed(before, &compress_jpeg, {.quality = quality}), before);
      EXPECT_GT(more, loss) << channels << " " << quality;
      loss = more;
    }
  }
}

/// Colours are kept at half the resolution: of stripes one pixel wide only the brightness is left, which is 0.299 red +
/// 0.587 green + 0.114 blue.
TEST(Jpeg, TheFirstChannelIsRed) {
  const std::vector<double> brightness{0.299, 0.587, 0.114};
  for (int striped = 0; striped < 3; ++striped) {
    const PlainPicture stripes = drawn_picture(
        3, 32, 32, [&](int channel, int, int x) { return channel == striped ? 0.4 + 0.2 * (x % 2) : 0.5; });
    const PlainPicture after = compressed(stripes, &compress_jpeg, {.quality = 95});
    for (int channel = 0; channel < 3; ++channel) {
      EXPECT_NEAR(after.at(channel, 16, 17) - after.at(channel, 16, 16),
                  0.2 * brightness.at(static_cast<std::size_t>(striped)), 0.02)
          << striped << " " << channel;
    }
  }
}

TEST(Jpeg, OtherNumbersOfChannelsAreGrayImagesOfTheirOwn) {
  const PlainPicture before(5, 24, 24, /*key=*/4);
  const PlainPicture after = compressed(before, &compress_jpeg, {.quality = 30});
  for (int channel = 0; channel < 5; ++channel) {
    PlainPicture alone = drawn_picture(1, 24, 24, [&](int, int y, int x) { return before.at(channel, y, x); });
    alone = compressed(alone, &compress_jpeg, {.quality = 30});
    for (int place = 0; place < 24 * 24; ++place) {
      ASSERT_EQ(after.at(channel, place / 24, place % 24), alone.at(0, place / 24, place % 24));
    }
  }
}

TEST(Jpeg, ImagesLargerThanTheFormatAllowsAreSkipped) {
  PlainPicture picture(1, 1, 65'501, /*key=*/1);
  const PlainPicture before = picture;
  Draws draws(1);
  EXPECT_EQ(compress_jpeg(picture.image(), {.quality = 10}, draws), Mutation::kSkipped);
  EXPECT_EQ(picture.values, before.values);
  PlainPicture largest(1, 1, 65'500, /*key=*/1);
  EXPECT_EQ(compress_jpeg(largest.image(), {.quality = 10}, draws), Mutation::kChanged);
}

}  // namespace
}  // namespace faultline
