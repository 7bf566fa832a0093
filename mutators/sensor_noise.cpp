#include "faultline/mutators/sensor_noise.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include <opencv2/core.hpp>

#include "faultline/core/mutator_registry.h"
#include "faultline/mutators/filters.h"
#include "faultline/mutators/planes.h"

namespace faultline {

namespace {

constexpr double kLargestInvertedMean = 16;
constexpr int kMostInvertedPhotons = 80;  // more have a probability below 1e-25 at that mean
constexpr double kPhotonsWithoutNoise = 1e6;
constexpr double kCoarseDeviation = 1;  // pixels; what blue noise lacks is coarser

std::vector<float> normal_numbers(Image image, Draws& draws) {
  std::vector<float> numbers(image.values().size());
  draws.fill_normal(numbers);
  return numbers;
}

/// The least count whose distribution function is at least Phi(z). Precondition: 0 < mean <= kLargestInvertedMean.
double inverted_photons(double mean, double z) {
  const double place = 0.5 * std::erfc(-z / std::numbers::sqrt2);
  double probability = std::exp(-mean);
  double sum = probability;
  int count = 0;
  while (sum < place && count < kMostInvertedPhotons) {
    ++count;
    probability *= mean / count;
    sum += probability;
  }
  return count;
}

/// The same by an expansion for larger means.
double expanded_photons(double mean, double z) {
  const double root = std::sqrt(mean);
  const double square = z * z;
  const double quantile = mean + root * z + 1.0 / 3 + square / 6 - z * (1.0 / 36 + square / 72) / root +
                          (-8.0 / 405 + 7 * square / 810 + square * square / 270) / mean;
  return std::max(0.0, std::floor(quantile));
}

double poisson_quantile(double mean, double z) {
  if (mean <= 0) {
    return 0;
  }
  return mean <= kLargestInvertedMean ? inverted_photons(mean, z) : expanded_photons(mean, z);
}

}  // namespace

Mutation add_gaussian_noise(Image image, const GaussianNoiseParameters& parameters, Draws& draws) {
  if (parameters.sd <= 0) {
    return Mutation::kChanged;
  }
  const auto sd = static_cast<float>(parameters.sd);
  const std::vector<float> numbers = normal_numbers(image, draws);
  std::ranges::transform(image.values(), numbers, image.data, [&](float x, float z) { return x + sd * z; });
  return Mutation::kChanged;
}

Mutation add_shot_noise(Image image, const ShotNoiseParameters& parameters, Draws& draws) {
  if (parameters.photons >= kPhotonsWithoutNoise) {
    return Mutation::kChanged;
  }
  const std::vector<float> numbers = normal_numbers(image, draws);
  std::ranges::transform(image.values(), numbers, image.data, [&](float x, float z) {
    return static_cast<float>(poisson_quantile(parameters.photons * x, z) / parameters.photons);
  });
  return Mutation::kChanged;
}

Mutation add_impulse_noise(Image image, const ImpulseNoiseParameters& parameters, Draws& draws) {
  for (float& value : image.values()) {
    const std::uint32_t word = draws.word();  // the high 24 bits choose the element, the lowest its new value
    if ((word >> 8) * 0x1p-24 < parameters.share) {
      value = static_cast<float>(word & 1U);
    }
  }
  return Mutation::kChanged;
}

Mutation add_speckle_noise(Image image, const SpeckleNoiseParameters& parameters, Draws& draws) {
  if (parameters.sd <= 0) {
    return Mutation::kChanged;
  }
  const auto sd = static_cast<float>(parameters.sd);
  const std::vector<float> numbers = normal_numbers(image, draws);
  std::ranges::transform(image.values(), numbers, image.data, [&](float x, float z) { return x + x * sd * z; });
  return Mutation::kChanged;
}

Mutation add_uniform_noise(Image image, const UniformNoiseParameters& parameters, Draws& draws) {
  if (parameters.amplitude <= 0) {
    return Mutation::kChanged;
  }
  const auto amplitude = static_cast<float>(parameters.amplitude);
  std::vector<float> numbers(image.values().size());
  draws.fill_uniform(numbers);
  std::ranges::transform(image.values(), numbers, image.data,
                         [&](float x, float u) { return x + amplitude * (2 * u - 1); });
  return Mutation::kChanged;
}

Mutation add_blue_noise(Image image, const BlueNoiseParameters& parameters, Draws& draws) {
  if (image.area() == 1) {
    return Mutation::kSkipped;
  }
  if (parameters.amplitude <= 0) {
    return Mutation::kChanged;
  }
  for_each_plane(image, [&](cv::Mat& plane) {
    const cv::Mat white = normal_field(image.height, image.width, draws);
    cv::Mat coarse = white.clone();
    gaussian_blur(coarse, kCoarseDeviation);
    const cv::Mat blue = white - coarse;
    cv::Scalar mean;
    cv::Scalar deviation;
    cv::meanStdDev(blue, mean, deviation);
    const double gain = parameters.amplitude / std::max(deviation[0], 1e-6);
    cv::Mat noisy;
    cv::scaleAdd(blue - mean[0], gain, plane, noisy);
    plane = noisy;
  });
  return Mutation::kChanged;
}

void register_sensor_noise(MutatorRegistry& registry) {
  const std::string family = "sensor_noise";
  registry.add<&add_gaussian_noise>({.name = "gaussian-noise",
                                     .family = family,
                                     .random = true,
                                     .validity = "a person averages over pixels",
                                     .summary = "adds normal noise to every element"});
  registry.add<&add_shot_noise>({.name = "shot-noise",
                                 .family = family,
                                 .random = true,
                                 .validity = "a person averages over pixels; dark stays dark",
                                 .summary = "counts few photons in every element"});
  registry.add<&add_impulse_noise>({.name = "impulse-noise",
                                    .family = family,
                                    .random = true,
                                    .validity = "most elements are as they were",
                                    .summary = "replaces some elements with black or white"});
  registry.add<&add_speckle_noise>({.name = "speckle-noise",
                                    .family = family,
                                    .random = true,
                                    .validity = "a person averages over pixels; dark stays dark",
                                    .summary = "adds normal noise in proportion to the value"});
  registry.add<&add_uniform_noise>({.name = "uniform-noise",
                                    .family = family,
                                    .random = true,
                                    .validity = "a person averages over pixels",
                                    .summary = "adds evenly distributed noise to every element"});
  registry.add<&add_blue_noise>({.name = "blue-noise",
                                 .family = family,
                                 .random = true,
                                 .validity = "a person averages over pixels, over which this noise is near zero",
                                 .summary = "adds noise without coarse structure"});
}

}  // namespace faultline
