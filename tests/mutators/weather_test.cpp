// Weather against its formulas and its nature.
#include "faultline/mutators/weather.h"

#include <ATen/ops/fft_fft2.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "faultline/mutators/daylight.h"
#include "faultline/mutators/frost.h"
#include "mutators/pictures.h"

namespace faultline {
namespace {

Tensor tensor_of(const cv::Mat& plane) {
  Tensor tensor = at::empty({plane.rows, plane.cols}, at::kFloat);
  for (int y = 0; y < plane.rows; ++y) {
    std::copy_n(plane.ptr<float>(y), plane.cols, tensor.data_ptr<float>() + std::int64_t{y} * plane.cols);
  }
  return tensor;
}

Tensor plasma_of(int height, int width, double decay, std::uint64_t key) {
  Draws draws(key);
  return tensor_of(plasma(height, width, decay, draws));
}

/// Diamond-square on a torus, written down from its definition.
Tensor diamond_square(int side, double decay, Draws& draws) {
  std::vector<double> map(static_cast<std::size_t>(side * side), 0);
  const auto at_place = [&](int y, int x) -> double& {
    return map[static_cast<std::size_t>((y + side) % side * side + (x + side) % side)];
  };
  double range = 1;
  for (int half = side / 2; half >= 1; half /= 2) {
    for (int diamond = 0; diamond < 2; ++diamond) {
      for (int y = 0; y < side; y += half) {
        for (int x = 0; x < side; x += half) {
          const bool odd_y = y / half % 2 == 1;
          const bool odd_x = x / half % 2 == 1;
          if (diamond == 0 && odd_y && odd_x) {
            const double corners = at_place(y - half, x - half) + at_place(y - half, x + half) +
                                   at_place(y + half, x - half) + at_place(y + half, x + half);
            at_place(y, x) = corners / 4 + range * (2 * static_cast<double>(draws.uniform()) - 1);
          } else if (diamond == 1 && odd_y != odd_x) {
            const double sides =
                at_place(y - half, x) + at_place(y + half, x) + at_place(y, x - half) + at_place(y, x + half);
            at_place(y, x) = sides / 4 + range * (2 * static_cast<double>(draws.uniform()) - 1);
          }
        }
      }
    }
    range /= decay * decay;
  }
  const Tensor values = at::tensor(map, at::kDouble).view({side, side});
  return (values - values.min()) / (values.max() - values.min());
}

TEST(Plasma, IsDiamondSquareNoise) {
  for (const int side : {2, 4, 32, 64}) {
    Draws draws(9);
    (void)draws.below(1);
    (void)draws.below(1);
    const Tensor expected = diamond_square(side, 1.75, draws);
    EXPECT_TRUE(at::allclose(plasma_of(side, side, 1.75, 9).to(at::kDouble), expected, 0, 1e-5)) << side;
  }
}

TEST(Plasma, HasTheSizeAskedAndLiesInTheUnitInterval) {
  const std::vector<std::pair<int, int>> sizes{{1, 1}, {1, 7}, {28, 28}, {32, 32}, {33, 5}, {224, 160}};
  for (const auto& [height, width] : sizes) {
    for (std::uint64_t key = 0; key < 5; ++key) {
      const Tensor map = plasma_of(height, width, 2, key);
      EXPECT_EQ(map.sizes(), (std::vector<std::int64_t>{height, width}));
      EXPECT_GE(map.min().item<float>(), 0);
      EXPECT_LE(map.max().item<float>(), 1);
    }
  }
}

/// Mean power of the frequencies from `low` to below 2 * `low`.
double octave_power(const Tensor& power, int low) {
  const Tensor frequency = at::fft_fftfreq(power.size(0), 1.0 / static_cast<double>(power.size(0)));
  const Tensor radius = (frequency.square().unsqueeze(0) + frequency.square().unsqueeze(1)).sqrt();
  return power.masked_select(radius.ge(low) & radius.lt(2 * low)).mean().item<double>();
}

TEST(Plasma, SpectrumFallsFasterWithMoreDecay) {
  double previous_fall = 1;
  for (const double decay : {1.2, 1.5, 1.9}) {
    Tensor power = at::zeros({128, 128});
    for (std::uint64_t key = 0; key < 30; ++key) {
      power += at::fft_fft2(plasma_of(128, 128, decay, key)).abs().square();
    }
    for (const int low : {1, 2, 4, 8, 16}) {
      EXPECT_GT(octave_power(power, low), 1.5 * octave_power(power, 2 * low)) << "decay " << decay << " from " << low;
    }
    const double fall = octave_power(power, 1) / octave_power(power, 32);
    EXPECT_GT(fall, 2 * previous_fall) << decay;
    previous_fall = fall;
  }
}

TEST(Plasma, IsCroppedAtADrawnPlace) {
  Draws draws(4);
  const int left = draws.below(32 - 9 + 1);
  const int top = draws.below(32 - 20 + 1);
  const Tensor whole = diamond_square(32, 2, draws);
  const Tensor expected = whole.narrow(0, top, 20).narrow(1, left, 9);
  EXPECT_TRUE(at::allclose(plasma_of(20, 9, 2, 4).to(at::kDouble), expected, 0, 1e-5));
}

TEST(Fog, FollowsItsFormula) {
  for (std::uint64_t key = 0; key < 5; ++key) {
    const Tensor picture = cifar(static_cast<std::int64_t>(key));
    const double most = picture.max().item<double>();
    const Tensor map = plasma_of(32, 32, 2.5, key).to(at::kDouble);
    const Tensor expected = (picture.to(at::kDouble) + 0.75 * map) * most / (most + 0.75);
    const Tensor after = changed_by(&fog, {.thickness = 0.75, .decay = 2.5}, picture, key);
    EXPECT_TRUE(at::allclose(after.to(at::kDouble), expected, 0, 1e-6));
  }
}

TEST(Snow, WhitensByItsFormulaWhereNoFlakesFall) {
  const Tensor picture = cifar(3);
  const Tensor exact = picture.to(at::kDouble);
  const Tensor grey = 0.299 * exact[0] + 0.587 * exact[1] + 0.114 * exact[2];
  const Tensor expected = 0.6 * exact + 0.4 * at::maximum(exact, 1.5 * grey + 0.5);
  const Tensor after = changed_by(&snow, {.mean = 0.1, .sd = 0, .threshold = 0.5, .keep = 0.6}, picture, 1);
  EXPECT_TRUE(at::allclose(after.to(at::kDouble), expected, 0, 1e-6));
}

TEST(Snow, AddsTheSameFlakesToAllChannelsAndTurnedByHalfATurn) {
  for (std::uint64_t key = 0; key < 10; ++key) {
    const Tensor picture = at::zeros({3, 30, 41});
    const Tensor flakes = changed_by(&snow, {.mean = 0.1, .sd = 0.3, .threshold = 0.5, .keep = 1}, picture, key);
    EXPECT_TRUE(at::equal(flakes[0], flakes[1]) && at::equal(flakes[0], flakes[2]));
    EXPECT_TRUE(at::allclose(flakes, flakes.flip({1, 2}), 0, 1e-6));
    EXPECT_GE(flakes.min().item<float>(), 0);
    EXPECT_GT(flakes.max().item<float>(), 0.05);
    EXPECT_LT(flakes.gt(0.02).to(at::kFloat).mean().item<double>(), 0.8) << "there is room between flakes";
  }
}

/// How much brighter neighbours across are from each other than neighbours below: > 1 for upright lines.
double uprightness(const Tensor& plane) {
  return plane.diff(1, 1).abs().mean().item<double>() / plane.diff(1, 0).abs().mean().item<double>();
}

TEST(Snow, FallsAlongADrawnDirectionWithin45DegreesOfTheVertical) {
  double sum = 0;
  for (std::uint64_t key = 0; key < 40; ++key) {
    const Tensor flakes = changed_by(&snow, {.sd = 0.3, .trail = 6, .keep = 1}, at::zeros({1, 64, 64}), key);
    EXPECT_GT(uprightness(flakes[0]), 0.85) << "key " << key;
    sum += uprightness(flakes[0]);
  }
  EXPECT_GT(sum / 40, 1.3);
}

TEST(Precipitation, NoneChangesNothing) {
  const Tensor picture = cifar(5);
  EXPECT_TRUE(at::equal(changed_by(&snow, {.sd = 0, .keep = 1}, picture, 2), picture));
  EXPECT_TRUE(at::equal(changed_by(&rain, {.density = 0}, picture, 2), picture));
  EXPECT_TRUE(at::equal(changed_by(&rain, {.density = 0.4}, picture, 2), picture)) << "less than a streak";
}

TEST(Rain, IsUprightStreaksThatNeverExceedTheColourOfDrops) {
  for (std::uint64_t key = 0; key < 40; ++key) {
    const Tensor streaks = changed_by(&rain, {.density = 40, .length = 20}, at::zeros({3, 64, 64}), key);
    EXPECT_GT(uprightness(streaks[0]), 1.5) << "key " << key;
    EXPECT_GT(streaks.max().item<float>(), 0.2F);
    EXPECT_LE(streaks.max().item<float>(), 0.88F);
    EXPECT_TRUE(streaks[2].ge(streaks[0]).all().item<bool>()) << "rain is bluish";
  }
}

TEST(Rain, FallsEverywhereEvenly) {
  Tensor sum = at::zeros({64, 64});
  for (std::uint64_t key = 0; key < 400; ++key) {
    sum += changed_by(&rain, {.density = 40, .length = 20}, at::zeros({1, 64, 64}), key)[0];
  }
  const Tensor blocks = sum.view({4, 16, 4, 16}).mean({1, 3}) / sum.mean();
  EXPECT_TRUE(blocks.gt(0.8).logical_and(blocks.lt(1.2)).all().item<bool>()) << blocks;
}

TEST(Rain, MoreStreaksAreAddedToThoseThatAreThere) {
  const Tensor black = at::zeros({1, 48, 48});
  const Tensor few = changed_by(&rain, {.density = 20, .length = 12}, black, 8);
  const Tensor many = changed_by(&rain, {.density = 90, .length = 12}, black, 8);
  EXPECT_TRUE(many.ge(few - 1e-6).all().item<bool>());
  EXPECT_GT(many.mean().item<double>(), 2.5 * few.mean().item<double>());
}

TEST(Frost, TextureLiesInTheUnitIntervalAndIsNotFlat) {
  const std::vector<std::pair<int, int>> sizes{{1, 1}, {1, 40}, {28, 28}, {32, 32}, {50, 200}, {224, 224}};
  for (const auto& [height, width] : sizes) {
    for (std::uint64_t key = 0; key < 4; ++key) {
      Draws draws(key);
      const Tensor texture = tensor_of(frost_texture(height, width, draws));
      EXPECT_GE(texture.min().item<float>(), 0);
      EXPECT_LE(texture.max().item<float>(), 1);
      if (height > 1) {
        EXPECT_GT(texture.std().item<float>(), 0.1F);
        EXPECT_GT(texture.max().item<float>() - texture.min().item<float>(), 0.5F);
      }
      Draws again(key);
      EXPECT_TRUE(at::equal(texture, tensor_of(frost_texture(height, width, again))));
      Draws other(key + 100);
      EXPECT_FALSE(at::equal(texture, tensor_of(frost_texture(height, width, other))));
    }
  }
}

TEST(Frost, GrowsFromAllFourEdges) {
  Tensor mean = at::zeros({64, 64});
  for (std::uint64_t key = 0; key < 60; ++key) {
    Draws draws(key);
    mean += tensor_of(frost_texture(64, 64, draws)) / 60;
  }
  const double middle = mean.narrow(0, 22, 20).narrow(1, 22, 20).mean().item<double>();
  for (const Tensor& edge :
       {mean.narrow(0, 0, 8), mean.narrow(0, 56, 8), mean.narrow(1, 0, 8), mean.narrow(1, 56, 8)}) {
    const double ice = edge.mean().item<double>();
    EXPECT_GT(ice, 1.5 * middle);
    EXPECT_TRUE(ice > 0.4 && ice < 0.85) << ice;
  }
}

TEST(Frost, FollowsItsFormula) {
  Draws draws(6);
  const Tensor texture = tensor_of(frost_texture(32, 32, draws));
  const Tensor added = changed_by(&frost, {.keep = 0.7, .add = 0.5}, cifar(6), 6) - 0.7 * cifar(6);
  EXPECT_TRUE(at::allclose(added[2], 0.5 * texture, 0, 1e-6)) << "ice is wholly blue";
  EXPECT_TRUE(at::allclose(added[0], 0.5 * 0.84 * texture, 0, 1e-6)) << "and paler in red";
}

TEST(Shadow, DarkensByItsFactorAndLeavesLight) {
  double dark = 0;
  for (std::uint64_t key = 0; key < 60; ++key) {
    const Tensor light = changed_by(&shadow, {.darkness = 0.6, .softness = 4}, at::ones({3, 64, 64}), key);
    EXPECT_TRUE(at::equal(light[0], light[1]) && at::equal(light[0], light[2]));
    EXPECT_NEAR(light.min().item<double>(), 0.4, 1e-6) << "key " << key;
    EXPECT_NEAR(light.max().item<double>(), 1, 1e-6) << "key " << key;
    const double steepest =
        std::max(light.diff(1, 1).abs().max().item<double>(), light.diff(1, 2).abs().max().item<double>());
    EXPECT_LT(steepest, 0.6 * 1.5 / 4 + 1e-3) << "a smooth step over four pixels";
    EXPECT_GT(steepest, 0.6 * 1.5 / 4 * 0.6);
    dark += light[0].lt(0.7).to(at::kFloat).mean().item<double>() / 60;
  }
  EXPECT_TRUE(dark > 0.2 && dark < 0.6) << dark;
}

TEST(Glare, IsWarmLightThatFallsOffFromItsSpot) {
  for (std::uint64_t key = 0; key < 30; ++key) {
    const Tensor light = changed_by(&glare, {.intensity = 1, .radius = 5}, at::zeros({3, 64, 64}), key);
    EXPECT_TRUE(light.gt(0).all().item<bool>());
    EXPECT_TRUE(light.max().item<double>() <= 1 && light.max().item<double>() > 0.7);
    EXPECT_TRUE(at::allclose(light[2], 0.86 * light[0], 1e-5, 1e-7));
    const std::int64_t brightest = light[0].argmax().item<std::int64_t>();
    const Tensor rows = at::arange(64).sub(brightest / 64).abs().unsqueeze(1);
    const Tensor columns = at::arange(64).sub(brightest % 64).abs().unsqueeze(0);
    const Tensor apart = at::maximum(rows, columns);
    double previous = 2;
    for (int ring = 0; ring < 30; ring += 3) {
      const double mean = light[0].masked_select(apart.ge(ring) & apart.lt(ring + 3)).mean().item<double>();
      EXPECT_LT(mean, previous) << "ring " << ring << ", key " << key;
      previous = mean;
    }
    const Tensor twice = changed_by(&glare, {.intensity = 2, .radius = 5}, at::zeros({3, 64, 64}), key);
    EXPECT_TRUE(at::allclose(twice, 2 * light, 1e-5, 1e-7));
  }
}

}  // namespace
}  // namespace faultline
