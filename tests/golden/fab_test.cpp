// FAB: on a linear model the first step ends at the boundary, whichever class is nearest.
#include <gtest/gtest.h>

#include "golden/linear_checks.h"

namespace faultline {
namespace {

constexpr Norm kNorms[] = {Norm::kL1, Norm::kL2, Norm::kLinf};

TEST(LinearGolden, FabIsExactInEveryNorm) {
  for (const std::string variant : {"own", "published"}) {
    for (const std::string name : {"fab:steps=20,overshoot=1.001", "fab-t:steps=20,overshoot=1.001"}) {
      for (const Norm norm : kNorms) {
        expect_exact(two_classes(), name + ",variant=" + variant, norm, untargeted_distances(two_classes(), norm));
        expect_exact(five_blocks(), name + ",variant=" + variant, norm, untargeted_distances(five_blocks(), norm));
      }
    }
  }
}

TEST(LinearGolden, FabWithItsOvershootEndsAFewPercentBeyond) {
  const LinearGolden golden = five_blocks();
  for (const Norm norm : kNorms) {
    for (const std::string spec : {"fab", "fab-t"}) {
      const Tensor distances = untargeted_distances(golden, norm);
      const std::vector<Outcome> seen = outcomes(golden, spec, threat_at(golden, norm, distances * 1.06));
      EXPECT_EQ(std::ranges::count(seen, Outcome::kFound), std::ssize(seen)) << spec << ", " << name_of(norm);
    }
  }
}

TEST(LinearGolden, FabReachesAClassItIsGiven) {
  const LinearGolden golden = five_blocks();
  for (const Norm norm : kNorms) {
    expect_exact(golden, "fab:steps=20,overshoot=1.001", norm, untargeted_distances(golden, norm), runners_up(golden));
  }
}

TEST(LinearGolden, FabFromARandomStartFindsTheSameBoundary) {
  const LinearGolden golden = two_classes();
  const Tensor distances = untargeted_distances(golden, Norm::kL2);
  const std::vector<Outcome> seen =
      outcomes(golden, "fab:steps=1,restarts=30,overshoot=1.001", threat_at(golden, Norm::kL2, distances * 1.05));
  EXPECT_EQ(std::ranges::count(seen, Outcome::kFound), std::ssize(seen));
}

}  // namespace
}  // namespace faultline
