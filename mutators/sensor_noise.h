// Mutators that add what a sensor adds: noise. Every element of an image has a random number of its own, which is the
// same at every severity of one key. Severities are our own; the published profiles (Hendrycks and Dietterich 2019,
// arXiv:1903.12261) are values of the same parameters.
//
//   add_gaussian_noise(image, {.sd = 0.08}, draws);
#pragma once

#include "faultline/core/draws.h"
#include "faultline/core/image.h"
#include "faultline/core/mutator.h"

namespace faultline {

/// x + N(0, sd) for every element.
struct GaussianNoiseParameters {
  double sd = 0.08;
  static void fields(auto& p, auto&& visit) {
    visit("sd", p.sd, Scale{.values = {0.03, 0.06, 0.1, 0.15, 0.22}, .lower = 0, .upper = 2, .identity = 0},
          "deviation; white is 1");
  }
};
Mutation add_gaussian_noise(Image image, const GaussianNoiseParameters& parameters, Draws& draws);

/// Few photons: Poisson(photons * x) / photons for every element. From 1e6 on nothing changes: the deviation would be a
/// quarter of a step of 8 bits.
///
/// A normal number z gives the element its place Phi(z) in the distribution. Up to a mean of 16 the count is the exact
/// quantile (inversion); above, the asymptotic expansion of the quantile of the gamma distribution to the order 1/mean
/// (Giles 2016, ACM TOMS 42(1) 7), rounded down: no probability is off by more than 1e-5, and all together (total
/// variation) by less than 1e-4. z has single precision.
struct ShotNoiseParameters {
  double photons = 100;
  static void fields(auto& p, auto&& visit) {
    visit("photons", p.photons, Scale{.values = {400, 150, 60, 30, 15}, .lower = 0.1, .upper = 1e6, .identity = 1e6},
          "photons of white");
  }
};
Mutation add_shot_noise(Image image, const ShotNoiseParameters& parameters, Draws& draws);

/// Every element is, with that probability, replaced with 0 or 1, each equally likely; channels independently.
struct ImpulseNoiseParameters {
  double share = 0.03;
  static void fields(auto& p, auto&& visit) {
    visit("share", p.share,
          Scale{.unit = "share of the elements",
                .values = {0.01, 0.02, 0.04, 0.07, 0.12},
                .lower = 0,
                .upper = 1,
                .identity = 0},
          "of elements that are replaced");
  }
};
Mutation add_impulse_noise(Image image, const ImpulseNoiseParameters& parameters, Draws& draws);

/// x + x * N(0, sd) for every element.
struct SpeckleNoiseParameters {
  double sd = 0.15;
  static void fields(auto& p, auto&& visit) {
    visit("sd", p.sd, Scale{.values = {0.08, 0.14, 0.2, 0.28, 0.4}, .lower = 0, .upper = 4, .identity = 0},
          "deviation as a share of the value");
  }
};
Mutation add_speckle_noise(Image image, const SpeckleNoiseParameters& parameters, Draws& draws);

/// x + U(-amplitude, amplitude) for every element.
struct UniformNoiseParameters {
  double amplitude = 0.1;
  static void fields(auto& p, auto&& visit) {
    visit("amplitude", p.amplitude,
          Scale{.values = {0.05, 0.1, 0.17, 0.26, 0.38}, .lower = 0, .upper = 2, .identity = 0},
          "largest change; white is 1");
  }
};
Mutation add_uniform_noise(Image image, const UniformNoiseParameters& parameters, Draws& draws);

/// x + amplitude * b, where each plane of b is white noise less its Gaussian blur of one pixel, brought to mean 0 and
/// deviation 1: noise without coarse structure. Images of one pixel are skipped. Not the blue noise of ImageNet-C-bar
/// (Mintun et al. 2021, arXiv:2102.11273), which has sparse dots.
struct BlueNoiseParameters {
  double amplitude = 0.08;
  static void fields(auto& p, auto&& visit) {
    visit("amplitude", p.amplitude,
          Scale{.values = {0.03, 0.06, 0.1, 0.15, 0.22}, .lower = 0, .upper = 2, .identity = 0},
          "deviation; white is 1");
  }
};
Mutation add_blue_noise(Image image, const BlueNoiseParameters& parameters, Draws& draws);

}  // namespace faultline
