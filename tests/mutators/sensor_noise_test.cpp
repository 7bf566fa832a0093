// Noise against the moments of its distribution: over many elements, within four standard errors.
#include "faultline/mutators/sensor_noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "mutators/drawn_picture.h"

namespace faultline {
namespace {

constexpr int kNoisySide = 512;
constexpr double kStandardErrors = 4;

PlainPicture evenly(double value, int channels = 3) {
  return drawn_picture(channels, kNoisySide, kNoisySide, [&](int, int, int) { return value; });
}

template <typename Parameters>
PlainPicture with_noise(PlainPicture picture, Mutation (*add)(Image, const Parameters&, Draws&),
                        const Parameters& parameters, std::uint64_t key = 1) {
  Draws draws(key);
  EXPECT_EQ(add(picture.image(), parameters, draws), Mutation::kChanged);
  return picture;
}

struct NoiseMoments {
  double mean = 0;
  double variance = 0;
};

NoiseMoments moments_of(const std::vector<float>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  const double squares = std::accumulate(values.begin(), values.end(), 0.0, [&](double sum, float value) {
    return sum + (value - mean) * (value - mean);
  });
  return {.mean = mean, .variance = squares / count};
}

/// `fourth` is the central moment of that order in units of the squared variance: 3 for a normal distribution.
void expect_moments(const PlainPicture& picture, const NoiseMoments& expected, double fourth) {
  const auto count = static_cast<double>(picture.values.size());
  const NoiseMoments found = moments_of(picture.values);
  EXPECT_NEAR(found.mean, expected.mean, kStandardErrors * std::sqrt(expected.variance / count));
  EXPECT_NEAR(found.variance, expected.variance, kStandardErrors * expected.variance * std::sqrt((fourth - 1) / count));
}

/// What picks a value as share `share` of `count` trials.
void expect_share(double found, double share, double count) {
  EXPECT_NEAR(found / count, share, kStandardErrors * std::sqrt(share * (1 - share) / count));
}

TEST(SensorNoise, GaussianNoiseHasItsDeviation) {
  for (const double sd : {0.04, 0.38}) {
    const PlainPicture noisy = with_noise(evenly(0.5), &add_gaussian_noise, {.sd = sd});
    expect_moments(noisy, {.mean = 0.5, .variance = sd * sd}, 3);
  }
}

TEST(SensorNoise, GaussianNoiseOfNeighboursAndChannelsIsIndependent) {
  const PlainPicture noisy = with_noise(evenly(0), &add_gaussian_noise, {.sd = 1});
  const double pairs = kNoisySide * (kNoisySide - 1.0);
  double across = 0;
  double down = 0;
  double through = 0;
  for (int y = 0; y + 1 < kNoisySide; ++y) {
    for (int x = 0; x < kNoisySide; ++x) {
      across += noisy.at(0, x, y) * noisy.at(0, x, y + 1);
      down += noisy.at(0, y, x) * noisy.at(0, y + 1, x);
      through += noisy.at(0, y, x) * noisy.at(1, y, x);
    }
  }
  for (const double sum : {across, down, through}) {
    EXPECT_LT(std::abs(sum), kStandardErrors * std::sqrt(pairs));
  }
}

TEST(SensorNoise, TheNumbersOfAKeyAreTheSameAtEverySeverity) {
  const PlainPicture weak = with_noise(evenly(0), &add_gaussian_noise, {.sd = 0.25});
  const PlainPicture strong = with_noise(evenly(0), &add_gaussian_noise, {.sd = 1});
  const PlainPicture few = with_noise(evenly(0.5), &add_impulse_noise, {.share = 0.05});
  const PlainPicture many = with_noise(evenly(0.5), &add_impulse_noise, {.share = 0.2});
  for (std::size_t i = 0; i < weak.values.size(); ++i) {
    ASSERT_EQ(weak.values[i], strong.values[i] / 4);
    ASSERT_TRUE(few.values[i] == 0.5F || few.values[i] == many.values[i]);
  }
}

TEST(SensorNoise, PhotonsHaveAMeanEqualToTheirVariance) {
  for (const double mean : {0.3, 2.0, 6.0, 15.9, 16.1, 40.0, 300.0}) {
    const double value = 0.5;
    const double photons = mean / value;
    const PlainPicture noisy = with_noise(evenly(value), &add_shot_noise, {.photons = photons});
    SCOPED_TRACE(mean);
    expect_moments(noisy, {.mean = value, .variance = value / photons}, 3 + 1 / mean);
  }
}

TEST(SensorNoise, PhotonsAreCountedWithThePoissonProbabilities) {
  for (const double mean : {0.5, 5.0, 15.0, 17.0, 60.0}) {
    const PlainPicture noisy = with_noise(evenly(1), &add_shot_noise, {.photons = mean});
    std::map<int, double> found;
    for (const float value : noisy.values) {
      const double count = value * mean;
      ASSERT_NEAR(count, std::round(count), 1e-3);
      found[static_cast<int>(std::round(count))] += 1;
    }
    const auto trials = static_cast<double>(noisy.values.size());
    double chi_square = 0;
    int classes = 0;
    for (int k = 0; k < 200; ++k) {
      const double expected = trials * std::exp(k * std::log(mean) - mean - std::lgamma(k + 1.0));
      if (expected >= 20) {
        chi_square += std::pow(found[k] - expected, 2) / expected;
        ++classes;
      }
    }
    EXPECT_LT(chi_square, classes + kStandardErrors * std::sqrt(2.0 * classes)) << mean;
  }
}

/// The least count whose distribution function is at least Phi(z).
int photon_quantile(double mean, double z) {
  const double place = std::erfc(-z / std::sqrt(2.0)) / 2;
  int count = 0;
  double probability = std::exp(-mean);
  for (double sum = probability; sum < place && count < 1000; sum += probability) {
    probability *= mean / ++count;
  }
  return count;
}

struct PhotonCase {
  double mean;
  int wrong;  // of 65536: where the expansion rounds to the neighbour; by its error 0, 15, 3 and 0.1 are expected
};

TEST(SensorNoise, PhotonsAreTheQuantileOfTheNormalNumberOfTheElement) {
  constexpr int kSide = 256;
  std::vector<float> numbers(kSide * kSide);
  Draws(1).fill_normal(numbers);
  for (const PhotonCase& photons : {PhotonCase{0.1, 0}, {4.0, 0}, {15.9, 0}, {16.1, 30}, {50.0, 10}, {400.0, 3}}) {
    PlainPicture white = drawn_picture(1, kSide, kSide, [](int, int, int) { return 1; });
    white = with_noise(white, &add_shot_noise, {.photons = photons.mean});
    int wrong = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      wrong += std::lround(white.values[i] * photons.mean) == photon_quantile(photons.mean, numbers[i]) ? 0 : 1;
    }
    EXPECT_LE(wrong, photons.wrong) << photons.mean;
  }
}

TEST(SensorNoise, PhotonsDoNotComeOutOfTheDark) {
  const PlainPicture dark = evenly(0);
  EXPECT_EQ(with_noise(dark, &add_shot_noise, {.photons = 3}).values, dark.values);
  EXPECT_EQ(with_noise(dark, &add_speckle_noise, {.sd = 1}).values, dark.values);
}

TEST(SensorNoise, ImpulsesReplaceTheirShareHalfBlackHalfWhite) {
  for (const double share : {0.01, 0.27}) {
    const PlainPicture noisy = with_noise(evenly(0.5), &add_impulse_noise, {.share = share});
    const auto black = static_cast<double>(std::ranges::count(noisy.values, 0.0F));
    const auto white = static_cast<double>(std::ranges::count(noisy.values, 1.0F));
    const auto left = static_cast<double>(std::ranges::count(noisy.values, 0.5F));
    const auto all = static_cast<double>(noisy.values.size());
    EXPECT_EQ(black + white + left, all);
    expect_share(black + white, share, all);
    expect_share(white, 0.5, black + white);
  }
}

TEST(SensorNoise, ImpulsesFallOnChannelsIndependently) {
  const double share = 0.2;
  const PlainPicture noisy = with_noise(evenly(0.5), &add_impulse_noise, {.share = share});
  double both = 0;
  for (int y = 0; y < kNoisySide; ++y) {
    for (int x = 0; x < kNoisySide; ++x) {
      both += noisy.at(0, y, x) != 0.5F && noisy.at(2, y, x) != 0.5F ? 1 : 0;
    }
  }
  expect_share(both, share * share, kNoisySide * kNoisySide);
}

TEST(SensorNoise, SpeckleGrowsWithTheValue) {
  for (const double value : {0.1, 0.8}) {
    const PlainPicture noisy = with_noise(evenly(value), &add_speckle_noise, {.sd = 0.35});
    expect_moments(noisy, {.mean = value, .variance = std::pow(0.35 * value, 2)}, 3);
  }
}

TEST(SensorNoise, UniformNoiseFillsItsRange) {
  const double amplitude = 0.3;
  const PlainPicture noisy = with_noise(evenly(0.5), &add_uniform_noise, {.amplitude = amplitude});
  expect_moments(noisy, {.mean = 0.5, .variance = amplitude * amplitude / 3}, 9.0 / 5);
  const auto [least, most] = std::ranges::minmax(noisy.values);
  EXPECT_NEAR(least, 0.5 - amplitude, 1e-4);
  EXPECT_NEAR(most, 0.5 + amplitude, 1e-4);
}

TEST(SensorNoise, BlueNoiseHasTheGivenDeviationInEveryPlane) {
  for (const auto& [height, width] : {std::pair{32, 32}, {1, 50}, {2, 1}}) {
    PlainPicture noisy = drawn_picture(3, height, width, [](int, int, int) { return 0.5; });
    noisy = with_noise(noisy, &add_blue_noise, {.amplitude = 0.2});
    for (int channel = 0; channel < 3; ++channel) {
      const std::span<float> plane = noisy.image().plane(channel);
      const NoiseMoments found = moments_of({plane.begin(), plane.end()});
      EXPECT_NEAR(found.mean, 0.5, 1e-5);
      EXPECT_NEAR(std::sqrt(found.variance), 0.2, 1e-4);
    }
  }
}

TEST(SensorNoise, BlueNoiseOfOnePixelIsSkipped) {
  PlainPicture picture(3, 1, 1, /*key=*/1);
  const PlainPicture before = picture;
  Draws draws(1);
  EXPECT_EQ(add_blue_noise(picture.image(), {.amplitude = 0.2}, draws), Mutation::kSkipped);
  EXPECT_EQ(picture.values, before.values);
}

/// The share of the power at horizontal and vertical frequencies of at most `most` periods a side of 32 pixels.
double low_frequency_share(const PlainPicture& picture, int most) {
  constexpr int kSide = 32;
  double low = 0;
  double all = 0;
  for (int u = 0; u < kSide; ++u) {
    for (int v = 0; v < kSide; ++v) {
      double real = 0;
      double imaginary = 0;
      for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
          const double phase = 2 * M_PI * (u * y + v * x) / kSide;
          real += picture.at(0, y, x) * std::cos(phase);
          imaginary += picture.at(0, y, x) * std::sin(phase);
        }
      }
      const double power = real * real + imaginary * imaginary;
      all += power;
      low += std::min(u, kSide - u) <= most && std::min(v, kSide - v) <= most ? power : 0;
    }
  }
  return low / all;
}

TEST(SensorNoise, BlueNoiseLacksTheLowFrequenciesOfWhiteNoise) {
  const PlainPicture black = drawn_picture(1, 32, 32, [](int, int, int) { return 0; });
  for (std::uint64_t key = 0; key < 3; ++key) {
    const double blue = low_frequency_share(with_noise(black, &add_blue_noise, {.amplitude = 1}, key), 4);
    const double white = low_frequency_share(with_noise(black, &add_gaussian_noise, {.sd = 1}, key), 4);
    EXPECT_NEAR(white, 81.0 / 1024, 0.04);  // all frequencies alike
    EXPECT_LT(blue, white / 3);
  }
}

}  // namespace
}  // namespace faultline
