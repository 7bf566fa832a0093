// The severities that occlusion and weather bring themselves.
#include <gtest/gtest.h>

#include <vector>

#include "mutators/pictures.h"

namespace faultline {
namespace {

class OwnScale : public testing::TestWithParam<const char*> {};

/// Mean absolute change at severities 1 .. 5 over 64 pictures, each with a key of its own.
std::vector<double> distortions(const MutatorRegistry::Entry& mutator, Tensor (*picture)(std::int64_t)) {
  std::vector<double> means;
  for (int severity = 1; severity <= kSeverities; ++severity) {
    double sum = 0;
    for (std::int64_t number = 0; number < 64; ++number) {
      const Tensor after = mutated(mutator, picture(number), severity, 7000 + static_cast<std::uint64_t>(number));
      sum += (after - picture(number)).abs().mean().item<double>();
    }
    means.push_back(sum / 64);
  }
  return means;
}

TEST_P(OwnScale, DistortsDigitsAndPicturesMoreAtEverySeverity) {
  for (Tensor (*picture)(std::int64_t) : {&mnist, &cifar}) {
    const std::vector<double> means = distortions(builtin_mutators().at(GetParam()), picture);
    EXPECT_GT(means.front(), 0.001);
    for (std::size_t i = 1; i < means.size(); ++i) {
      EXPECT_GT(means[i], 1.05 * means[i - 1]) << "severity " << i + 1;
    }
    EXPECT_TRUE(means.back() > 2.5 * means.front() && means.back() < 0.35) << means.front() << " " << means.back();
  }
}

TEST_P(OwnScale, StartsAtNoChange) {
  for (std::uint64_t key = 0; key < 4; ++key) {
    const auto number = static_cast<std::int64_t>(key);
    EXPECT_TRUE(at::equal(mutated(builtin_mutators().at(GetParam()), cifar(number), 0, key), cifar(number)));
    EXPECT_TRUE(at::equal(mutated(builtin_mutators().at(GetParam()), mnist(number), 0, key), mnist(number)));
  }
}

INSTANTIATE_TEST_SUITE_P(OcclusionAndWeather, OwnScale,
                         testing::Values("patch", "cutout-grid", "dead-pixels", "dead-rows", "scratches", "spatter",
                                         "fog", "snow", "frost", "rain", "shadow", "glare"));

}  // namespace
}  // namespace faultline
