// Photometry against closed forms in double precision.
#include "faultline/mutators/photometry.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "mutators/pictures.h"
#include "mutators/plain_picture.h"

namespace faultline {
namespace {

constexpr double kPhotometryPrecision = 2e-6;  // a few roundings of values up to 1

const PlainPicture& colours() {
  static const PlainPicture kColours = [] {
    PlainPicture picture(3, 16, 16, 21);
    const std::vector<std::array<float, 3>> edges{{0, 0, 0}, {1, 1, 1},       {0.5F, 0.5F, 0.5F}, {1, 0, 0},
                                                  {0, 1, 0}, {0, 0, 1},       {1, 1, 0},          {0, 1, 1},
                                                  {1, 0, 1}, {0.2F, 0, 0.2F}, {0.7F, 0.7F, 0.1F}, {0.1F, 0.3F, 0.3F}};
    for (int i = 0; i < static_cast<int>(edges.size()); ++i) {
      for (int c = 0; c < 3; ++c) {
        picture.at(c, 0, i) = edges[static_cast<std::size_t>(i)][static_cast<std::size_t>(c)];
      }
    }
    return picture;
  }();
  return kColours;
}

template <auto mutator, typename Parameters>
PlainPicture changed(const PlainPicture& before, const Parameters& parameters, std::uint64_t key = 1) {
  PlainPicture after = before;
  Draws draws(key);
  EXPECT_EQ(mutator(after.image(), parameters, draws), Mutation::kChanged);
  return after;
}

struct Extremes {
  double least = 0;
  double most = 0;
};

Extremes extremes(const PlainPicture& picture, int y, int x) {
  const auto [least, most] = std::minmax({picture.at(0, y, x), picture.at(1, y, x), picture.at(2, y, x)});
  return {.least = static_cast<double>(least), .most = static_cast<double>(most)};
}

TEST(Photometry, BrightnessOfColoursScalesThemToTheNewValue) {
  const PlainPicture& before = colours();
  for (const double amount : {0.25, -0.2, 1.0, -1.0}) {
    expect_values(changed<&brightness>(before, BrightnessParameters{.amount = amount}), kPhotometryPrecision,
                  [&](int c, int y, int x) {
                    const double value = extremes(before, y, x).most;
                    const double wanted = std::clamp(value + amount, 0.0, 1.0);
                    return value == 0 ? wanted : static_cast<double>(before.at(c, y, x)) / value * wanted;
                  });
  }
}

TEST(Photometry, BrightnessOfGreyIsAdded) {
  for (const int channels : {1, 2, 4}) {
    const PlainPicture before(channels, 5, 6, 2);
    for (const double amount : {0.3, -0.4}) {
      expect_values(
          changed<&brightness>(before, BrightnessParameters{.amount = amount}), kPhotometryPrecision,
          [&](int c, int y, int x) { return std::clamp(static_cast<double>(before.at(c, y, x)) + amount, 0.0, 1.0); });
    }
  }
}

TEST(Photometry, ContrastMovesValuesTowardsTheMeanOfTheirChannel) {
  const PlainPicture before(3, 7, 9, 3);
  std::array<double, 3> means{};
  for (int c = 0; c < 3; ++c) {
    for (int i = 0; i < 63; ++i) {
      means.at(static_cast<std::size_t>(c)) += static_cast<double>(before.at(c, i / 9, i % 9)) / 63;
    }
  }
  for (const double factor : {0.0, 0.4, 1.7}) {
    expect_values(changed<&contrast>(before, ContrastParameters{.factor = factor}), kPhotometryPrecision,
                  [&](int c, int y, int x) {
                    const double mean = means.at(static_cast<std::size_t>(c));
                    return factor * static_cast<double>(before.at(c, y, x)) + (1 - factor) * mean;
                  });
  }
}

TEST(Photometry, GammaIsAPowerAndLightensByItsInverse) {
  const PlainPicture& before = colours();
  expect_values(changed<&gamma_curve>(before, GammaParameters{.exponent = 2}), kPhotometryPrecision,
                [&](int c, int y, int x) {
                  return static_cast<double>(before.at(c, y, x)) * static_cast<double>(before.at(c, y, x));
                });
  expect_values(changed<&gamma_curve>(before, GammaParameters{.exponent = 2, .tone = Tone::kLighten}),
                kPhotometryPrecision,
                [&](int c, int y, int x) { return std::sqrt(static_cast<double>(before.at(c, y, x))); });
  expect_values(changed<&gamma_curve>(before, GammaParameters{.exponent = 1.7}), kPhotometryPrecision,
                [&](int c, int y, int x) {
                  const auto value = static_cast<double>(before.at(c, y, x));
                  return value == 0 ? 0 : std::exp(1.7 * std::log(value));
                });
}

TEST(Photometry, WithoutSaturationEveryChannelIsTheLargest) {
  const PlainPicture& before = colours();
  expect_values(changed<&saturation>(before, SaturationParameters{.mul = 0}), 0,
                [&](int /*c*/, int y, int x) { return extremes(before, y, x).most; });
}

TEST(Photometry, SaturationStretchesTheDistanceFromTheLargestChannel) {
  const PlainPicture& before = colours();
  for (const SaturationParameters& p : {SaturationParameters{.mul = 0.3, .add = 0},
                                        {.mul = 2, .add = 0.1},
                                        {.mul = 1, .add = -0.2},
                                        {.mul = 20, .add = 0.2}}) {
    expect_values(changed<&saturation>(before, p), kPhotometryPrecision, [&](int c, int y, int x) {
      const auto [least, most] = extremes(before, y, x);
      if (least == most) {  // grey is red without saturation
        return c == 0 ? most : most * (1 - std::clamp(p.add, 0.0, 1.0));
      }
      const double old = (most - least) / most;
      const double wanted = std::clamp(old * p.mul + p.add, 0.0, 1.0);
      return most - (most - static_cast<double>(before.at(c, y, x))) * wanted / old;
    });
  }
}

TEST(Photometry, HueOfAThirdOfTheCirclePassesChannelsOn) {
  const PlainPicture& before = colours();
  for (const double degrees : {120.0, -240.0}) {
    expect_values(changed<&hue>(before, HueParameters{.degrees = degrees}), kPhotometryPrecision,
                  [&](int c, int y, int x) { return before.at((c + 2) % 3, y, x); });
  }
  expect_values(changed<&hue>(before, HueParameters{.degrees = -120}), kPhotometryPrecision,
                [&](int c, int y, int x) { return before.at((c + 1) % 3, y, x); });
}

TEST(Photometry, HueAllRoundIsTheIdentity) {
  for (const double degrees : {360.0, -360.0}) {
    expect_values(changed<&hue>(colours(), HueParameters{.degrees = degrees}), 1e-5,
                  [&](int c, int y, int x) { return colours().at(c, y, x); });
  }
}

TEST(Photometry, HueFollowsTheEdgesOfTheColourCube) {
  PlainPicture red(3, 1, 1, 0);
  red.values = {0.9F, 0.1F, 0.1F};
  const std::vector<std::pair<double, std::array<double, 3>>> expected{
      {30, {0.9, 0.5, 0.1}},  {60, {0.9, 0.9, 0.1}},  {90, {0.5, 0.9, 0.1}},  {180, {0.1, 0.9, 0.9}},
      {210, {0.1, 0.5, 0.9}}, {300, {0.9, 0.1, 0.9}}, {-15, {0.9, 0.1, 0.3}}, {-90, {0.5, 0.1, 0.9}}};
  for (const auto& [degrees, colour] : expected) {
    expect_values(changed<&hue>(red, HueParameters{.degrees = degrees}), kPhotometryPrecision,
                  [&](int c, int /*y*/, int /*x*/) { return colour.at(static_cast<std::size_t>(c)); });
  }
}

TEST(Photometry, ChannelShiftAddsOneDrawnNumberToEachChannel) {
  std::array<int, 3> raised{};
  constexpr int kKeys = 100;
  for (int key = 0; key < kKeys; ++key) {
    const PlainPicture after =
        changed<&channel_shift>(colours(), ChannelShiftParameters{.amount = 0.3}, static_cast<std::uint64_t>(key));
    const auto shift = [&](int c) { return static_cast<double>(after.at(c, 5, 5) - colours().at(c, 5, 5)); };
    expect_values(after, kPhotometryPrecision,
                  [&](int c, int y, int x) { return static_cast<double>(colours().at(c, y, x)) + shift(c); });
    for (int c = 0; c < 3; ++c) {
      EXPECT_LE(std::abs(shift(c)), 0.3 + kPhotometryPrecision);
      EXPECT_GT(std::abs(shift(c) - shift((c + 1) % 3)), kPhotometryPrecision);
      raised.at(static_cast<std::size_t>(c)) += shift(c) > 0 ? 1 : 0;
    }
  }
  for (const int count : raised) {
    EXPECT_NEAR(count, kKeys / 2, 20);  // four deviations
  }
}

TEST(Photometry, InvertBlendsWithTheNegative) {
  for (const double amount : {0.3, 0.5, 1.0}) {
    expect_values(changed<&invert>(colours(), InvertParameters{.amount = amount}), kPhotometryPrecision,
                  [&](int c, int y, int x) {
                    const auto value = static_cast<double>(colours().at(c, y, x));
                    return value + amount * (1 - 2 * value);
                  });
  }
}

TEST(Photometry, PosteriseTakesTheNearestLevel) {
  for (const int levels : {2, 3, 4, 9}) {
    expect_values(changed<&posterise>(colours(), PosteriseParameters{.levels = levels}), kPhotometryPrecision,
                  [&](int c, int y, int x) {
                    const auto value = static_cast<double>(colours().at(c, y, x));
                    double nearest = 1;
                    for (int level = levels - 2; level >= 0; --level) {
                      const double candidate = level / (levels - 1.0);
                      nearest = std::abs(candidate - value) < std::abs(nearest - value) ? candidate : nearest;
                    }
                    return nearest;
                  });
  }
}

TEST(Photometry, NothingChangesAtTheIdentity) {
  PlainPicture after = colours();
  Draws draws(1);
  brightness(after.image(), {.amount = 0}, draws);
  contrast(after.image(), {.factor = 1}, draws);
  gamma_curve(after.image(), {.exponent = 1, .tone = Tone::kLighten}, draws);
  saturation(after.image(), {.mul = 1, .add = 0}, draws);
  hue(after.image(), {.degrees = 0}, draws);
  channel_shift(after.image(), {.amount = 0}, draws);
  invert(after.image(), {.amount = 0}, draws);
  posterise(after.image(), {.levels = 256}, draws);
  EXPECT_EQ(after.values, colours().values);
}

TEST(Photometry, MutatorsOfColourSkipWhatHasNoThreeChannels) {
  for (const int channels : {1, 2, 4}) {
    PlainPicture picture(channels, 4, 4, 5);
    const std::vector<float> before = picture.values;
    Draws draws(1);
    EXPECT_EQ(saturation(picture.image(), {.mul = 0}, draws), Mutation::kSkipped);
    EXPECT_EQ(hue(picture.image(), {.degrees = 90}, draws), Mutation::kSkipped);
    EXPECT_EQ(channel_shift(picture.image(), {.amount = 1}, draws), Mutation::kSkipped);
    EXPECT_EQ(picture.values, before);
  }
}

struct Outcomes {
  const char* name;
  std::size_t count;  ///< Of what one severity may do to one picture.
};

TEST(SidesAndAxes, AreAllReachedOverKeys) {
  for (const auto& [name, count] : std::vector<Outcomes>{{"translate", 4},
                                                         {"rotate", 2},
                                                         {"scale", 2},
                                                         {"shear", 4},
                                                         {"flip", 2},
                                                         {"crop-and-pad", 8},
                                                         {"brightness", 2},
                                                         {"gamma", 2},
                                                         {"hue", 2}}) {
    std::set<std::vector<float>> outcomes;
    for (std::uint64_t key = 0; key < 100; ++key) {
      const Tensor after = mutated(builtin_mutators().at(name), cifar(0), 3, key).contiguous();
      const float* first = after.const_data_ptr<float>();
      outcomes.emplace(first, first + after.numel());
    }
    EXPECT_EQ(outcomes.size(), count) << name;
  }
}

}  // namespace
}  // namespace faultline
