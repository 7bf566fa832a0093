// Mutators that change values where they are: brightness, contrast, colour. Those of colour need three channels, red,
// green and blue, and skip others.
//
//   contrast(image, {.factor = 0.5}, draws);
#pragma once

#include "faultline/core/mutator_registry.h"

namespace faultline {

struct BrightnessParameters {
  double amount = 0.2;  ///< Added to the value, -1 .. 1.

  static void fields(auto& p, auto&& visit) {
    visit("amount", p.amount,
          Scale{.values = {0.05, 0.1, 0.16, 0.23, 0.32}, .lower = -1, .upper = 1, .identity = 0, .symmetric = true},
          "added to the value");
  }
};

/// Adds to the value of the HSV model, the largest of the three channels, and keeps hue and saturation (Hendrycks and
/// Dietterich 2019, arXiv:1903.12261). With another number of channels it adds to each. Ends in [0, 1].
Mutation brightness(Image image, const BrightnessParameters& parameters, Draws& draws);

struct ContrastParameters {
  double factor = 0.5;  ///< 0: flat, 1: as it was, above: more.

  static void fields(auto& p, auto&& visit) {
    visit("factor", p.factor, Scale{.values = {0.8, 0.6, 0.45, 0.3, 0.18}, .lower = 0, .upper = 20, .identity = 1},
          "by which differences from the channel mean are multiplied");
  }
};

/// (x - mean of the channel) * factor + mean (Hendrycks and Dietterich 2019, arXiv:1903.12261).
Mutation contrast(Image image, const ContrastParameters& parameters, Draws& draws);

enum class Tone { kDarken, kLighten };

struct GammaParameters {
  double exponent = 1.5;      ///< 1/16 .. 16.
  Tone tone = Tone::kDarken;  ///< Whether to raise to the exponent, or to one over it.

  static void fields(auto& p, auto&& visit) {
    visit("exponent", p.exponent,
          Scale{.values = {1.15, 1.35, 1.65, 2.1, 2.8}, .lower = 0.0625, .upper = 16, .identity = 1},
          "to which values are raised");
    visit("tone", p.tone, Choice{.names = {"darken", "lighten"}}, "raise to the exponent, or to one over it");
  }
};

/// x to the power of the exponent.
Mutation gamma_curve(Image image, const GammaParameters& parameters, Draws& draws);

struct SaturationParameters {
  double mul = 0.5;  ///< 0: grey, 1: as it was, above: more colourful; up to 100.
  double add = 0;    ///< Added afterwards, -1 .. 1.

  static void fields(auto& p, auto&& visit) {
    visit("mul", p.mul, Scale{.values = {0.75, 0.5, 0.3, 0.12, 0}, .lower = 0, .upper = 100, .identity = 1},
          "by which the saturation is multiplied");
    visit("add", p.add, Scale{.values = {0, 0, 0, 0, 0}, .lower = -1, .upper = 1, .identity = 0},
          "added to the saturation");
  }
};

/// Saturation of the HSV model times mul plus add, ended in [0, 1] (`saturate` of Hendrycks and Dietterich 2019,
/// arXiv:1903.12261). Grey has hue 0, so that adding saturation reddens it, as published. The own scale takes colour
/// away: published severities mix less of it and more.
Mutation saturation(Image image, const SaturationParameters& parameters, Draws& draws);

struct HueParameters {
  double degrees = 30;  ///< From red towards green; 360 is all round.

  static void fields(auto& p, auto&& visit) {
    visit("degrees", p.degrees,
          Scale{.unit = "degrees",
                .values = {8, 18, 35, 60, 110},
                .lower = -360,
                .upper = 360,
                .identity = 0,
                .symmetric = true},
          "from red towards green");
  }
};

/// Turns the hue of the HSV model; saturation and value stay.
Mutation hue(Image image, const HueParameters& parameters, Draws& draws);

struct ChannelShiftParameters {
  double amount = 0.2;  ///< 0 .. 1.

  static void fields(auto& p, auto&& visit) {
    visit("amount", p.amount, Scale{.values = {0.06, 0.12, 0.2, 0.32, 0.5}, .lower = 0, .upper = 1, .identity = 0},
          "added to each channel at most");
  }
};

/// Adds a number to each channel, drawn for each, uniform in -amount .. amount: a tint.
Mutation channel_shift(Image image, const ChannelShiftParameters& parameters, Draws& draws);

struct InvertParameters {
  double amount = 1;  ///< 0: as it was, 0.5: flat grey, 1: the negative.

  static void fields(auto& p, auto&& visit) {
    visit("amount", p.amount, Scale{.values = {0.08, 0.18, 0.3, 0.75, 1}, .lower = 0, .upper = 1, .identity = 0},
          "share of the negative");
  }
};

/// Blends the image with its negative, 1 - x.
Mutation invert(Image image, const InvertParameters& parameters, Draws& draws);

struct PosteriseParameters {
  int levels = 4;  ///< 2 .. 256; 256 leaves the image as it was.

  static void fields(auto& p, auto&& visit) {
    visit("levels", p.levels, Scale{.values = {12, 8, 6, 4, 2}, .lower = 2, .upper = 256, .identity = 256},
          "values left to a channel");
  }
};

/// Takes every value to the nearest of `levels` equally far apart from 0 to 1.
Mutation posterise(Image image, const PosteriseParameters& parameters, Draws& draws);

}  // namespace faultline
