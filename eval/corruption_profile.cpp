#include "faultline/eval/corruption_profile.h"

#include <utility>

#include "faultline/core/error.h"
#include "faultline/core/suggest.h"

namespace faultline {

namespace {

using Severities = std::array<std::vector<double>, kSeverities>;

/// The corruptions of every profile, in the published order.
std::vector<Corruption> corruptions_with(const std::array<Severities, 19>& parameters) {
  const std::array<std::pair<const char*, const char*>, 19> kNames{{{"gaussian_noise", "gaussian-noise"},
                                                                    {"shot_noise", "shot-noise"},
                                                                    {"impulse_noise", "impulse-noise"},
                                                                    {"defocus_blur", "defocus-blur"},
                                                                    {"glass_blur", "glass-blur"},
                                                                    {"motion_blur", "motion-blur"},
                                                                    {"zoom_blur", "zoom-blur"},
                                                                    {"snow", "snow"},
                                                                    {"frost", "frost"},
                                                                    {"fog", "fog"},
                                                                    {"brightness", "brightness"},
                                                                    {"contrast", "contrast"},
                                                                    {"elastic_transform", "elastic"},
                                                                    {"pixelate", "pixelate"},
                                                                    {"jpeg_compression", "jpeg"},
                                                                    {"speckle_noise", "speckle-noise"},
                                                                    {"gaussian_blur", "gaussian-blur"},
                                                                    {"spatter", "spatter"},
                                                                    {"saturate", "saturation"}}};
  constexpr std::size_t kBenchmark = 15;
  std::vector<Corruption> corruptions;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    corruptions.push_back({.name = kNames.at(i).first,
                           .mutator = kNames.at(i).second,
                           .extra = i >= kBenchmark,
                           .severities = parameters.at(i)});
  }
  return corruptions;
}

// clang-format off: one line a corruption, as the tables are published
CorruptionProfile imagenet() {
  return {"imagenet-c", 224, corruptions_with({{
      {{{.08}, {.12}, {.18}, {.26}, {.38}}},
      {{{60}, {25}, {12}, {5}, {3}}},
      {{{.03}, {.06}, {.09}, {.17}, {.27}}},
      {{{3, .1}, {4, .5}, {6, .5}, {8, .5}, {10, .5}}},
      {{{.7, 1, 2}, {.9, 2, 1}, {1, 2, 3}, {1.1, 3, 2}, {1.5, 4, 2}}},
      {{{10, 3}, {15, 5}, {15, 8}, {15, 12}, {20, 15}}},
      {{{1.11, .01}, {1.16, .01}, {1.21, .02}, {1.26, .02}, {1.31, .03}}},
      {{{.1, .3, 3, .5, 10, 4, .8}, {.2, .3, 2, .5, 12, 4, .7}, {.55, .3, 4, .9, 12, 8, .7},
        {.55, .3, 4.5, .85, 12, 8, .65}, {.55, .3, 2.5, .85, 12, 12, .55}}},
      {{{1, .4}, {.8, .6}, {.7, .7}, {.65, .7}, {.6, .75}}},
      {{{1.5, 2}, {2, 2}, {2.5, 1.7}, {2.5, 1.5}, {3, 1.4}}},
      {{{.1}, {.2}, {.3}, {.4}, {.5}}},
      {{{.4}, {.3}, {.2}, {.1}, {.05}}},
      {{{488, 170.8, 24.4}, {488, 19.52, 48.8}, {12.2, 2.44, 4.88}, {17.08, 2.44, 4.88}, {29.28, 2.44, 4.88}}},
      {{{.6}, {.5}, {.4}, {.3}, {.25}}},
      {{{25}, {18}, {15}, {10}, {7}}},
      {{{.15}, {.2}, {.35}, {.45}, {.6}}},
      {{{1}, {2}, {3}, {4}, {6}}},
      {{{.65, .3, 4, .69, .6, 0}, {.65, .3, 3, .68, .6, 0}, {.65, .3, 2, .68, .5, 0},
        {.65, .3, 1, .65, 1.5, 1}, {.67, .4, 1, .65, 1.5, 1}}},
      {{{.3, 0}, {.1, 0}, {2, 0}, {5, .1}, {20, .2}}},
  }})};
}

CorruptionProfile tiny_imagenet() {
  return {"tiny-imagenet-c", 64, corruptions_with({{
      {{{.04}, {.08}, {.12}, {.15}, {.18}}},
      {{{250}, {100}, {50}, {30}, {15}}},
      {{{.01}, {.02}, {.05}, {.08}, {.14}}},
      {{{.5, .6}, {1, .1}, {1.5, .1}, {2.5, .01}, {3, .1}}},
      {{{.1, 1, 1}, {.5, 1, 1}, {.6, 1, 2}, {.7, 2, 1}, {.9, 2, 2}}},
      {{{10, 1}, {10, 1.5}, {10, 2}, {10, 2.5}, {12, 3}}},
      {{{1.06, .01}, {1.11, .01}, {1.16, .01}, {1.21, .01}, {1.26, .01}}},
      {{{.1, .2, 1, .6, 8, 3, .8}, {.1, .2, 1, .5, 10, 4, .8}, {.15, .3, 1.75, .55, 10, 4, .7},
        {.25, .3, 2.25, .6, 12, 6, .65}, {.3, .3, 1.25, .65, 14, 12, .6}}},
      {{{1, .3}, {.9, .4}, {.8, .45}, {.75, .5}, {.7, .55}}},
      {{{.4, 3}, {.7, 3}, {1, 2.5}, {1.5, 2}, {2, 1.75}}},
      {{{.1}, {.2}, {.3}, {.4}, {.5}}},
      {{{.4}, {.3}, {.2}, {.1}, {.05}}},
      {{{0, 0, 5.12}, {3.2, 19.2, 3.84}, {6.4, 5.12, 3.84}, {6.4, 1.92, 1.92}, {10.24, 1.92, 1.28}}},
      {{{.9}, {.8}, {.7}, {.6}, {.5}}},
      {{{65}, {58}, {50}, {40}, {25}}},
      {{{.15}, {.2}, {.25}, {.3}, {.35}}},
      {{{.5}, {.75}, {1}, {1.25}, {1.5}}},
      {{{.62, .1, .7, .7, .6, 0}, {.65, .1, .8, .7, .6, 0}, {.65, .3, 1, .69, .6, 0},
        {.65, .1, .7, .68, .6, 1}, {.65, .1, .5, .67, .6, 1}}},
      {{{.3, 0}, {.1, 0}, {2, 0}, {5, .1}, {30, .2}}},
  }})};
}

CorruptionProfile cifar10() {
  return {"cifar10-c", 32, corruptions_with({{
      {{{.04}, {.06}, {.08}, {.09}, {.10}}},
      {{{500}, {250}, {100}, {75}, {50}}},
      {{{.01}, {.02}, {.03}, {.05}, {.07}}},
      {{{.3, .4}, {.4, .5}, {.5, .6}, {1, .2}, {1.5, .1}}},
      {{{.05, 1, 1}, {.25, 1, 1}, {.4, 1, 1}, {.25, 1, 2}, {.4, 1, 2}}},
      {{{6, 1}, {6, 1.5}, {6, 2}, {8, 2}, {9, 2.5}}},
      {{{1.06, .01}, {1.11, .01}, {1.16, .01}, {1.21, .01}, {1.26, .01}}},
      {{{.1, .2, 1, .6, 8, 3, .95}, {.1, .2, 1, .5, 10, 4, .9}, {.15, .3, 1.75, .55, 10, 4, .9},
        {.25, .3, 2.25, .6, 12, 6, .85}, {.3, .3, 1.25, .65, 14, 12, .8}}},
      {{{1, .2}, {1, .3}, {.9, .4}, {.85, .4}, {.75, .45}}},
      {{{.2, 3}, {.5, 3}, {.75, 2.5}, {1, 2}, {1.5, 1.75}}},
      {{{.05}, {.1}, {.15}, {.2}, {.3}}},
      {{{.75}, {.5}, {.4}, {.3}, {.15}}},
      {{{0, 0, 2.56}, {1.6, 6.4, 2.24}, {2.56, 1.92, 1.92}, {3.2, 1.28, 1.6}, {3.2, .96, .96}}},
      {{{.95}, {.9}, {.85}, {.75}, {.65}}},
      {{{80}, {65}, {58}, {50}, {40}}},
      {{{.06}, {.1}, {.12}, {.16}, {.2}}},
      {{{.4}, {.6}, {.7}, {.8}, {1}}},
      {{{.62, .1, .7, .7, .5, 0}, {.65, .1, .8, .7, .5, 0}, {.65, .3, 1, .69, .5, 0},
        {.65, .1, .7, .69, .6, 1}, {.65, .1, .5, .68, .6, 1}}},
      {{{.3, 0}, {.1, 0}, {1.5, 0}, {2, .1}, {2.5, .2}}},
  }})};
}
// clang-format on

}  // namespace

const std::vector<CorruptionProfile>& corruption_profiles() {
  static const std::vector<CorruptionProfile> kProfiles{imagenet(), tiny_imagenet(), cifar10()};
  return kProfiles;
}

const CorruptionProfile& corruption_profile(const std::string& name) {
  std::vector<std::string> names;
  for (const CorruptionProfile& profile : corruption_profiles()) {
    if (profile.name == name) {
      return profile;
    }
    names.push_back(profile.name);
  }
  throw Error{ErrorCode::kUsage, "unknown profile '" + name + "'" + did_you_mean(name, names)};
}

}  // namespace faultline
