// Which failures are kept: the quota per kind, one per seed, and the cap.
#include <gtest/gtest.h>

#include "faultline/fuzz/failure_log.h"

namespace faultline {
namespace {

FuzzFailure failure(std::int64_t seed, double distance, std::int64_t prediction = 3,
                    const std::string& mutator = "fog") {
  return {.screened = {.input = {.seed = seed, .recipe = {{{mutator, 1, {}, 0}}}},
                       .prediction = prediction,
                       .oracle = 0,
                       .distance = distance,
                       .severity = 2},
          .label = 7};
}

TEST(FailureLog, KeepsAFewOfOneKindFromDifferentSeeds) {
  FailureLog log({.diverse = 2, .most = 100});
  EXPECT_TRUE(log.offer(failure(0, 1)));
  EXPECT_FALSE(log.offer(failure(0, 1))) << "the same seed, no less distorted";
  EXPECT_TRUE(log.offer(failure(1, 2)));
  EXPECT_TRUE(log.offer(failure(2, 2)));
  EXPECT_TRUE(log.offer(failure(3, 2))) << "full, but the seed has none yet";
  EXPECT_EQ(log.offered(), 5);
  EXPECT_EQ(log.kinds(), 1U);
  EXPECT_EQ(log.seeds(), 4U);
}

TEST(FailureLog, AClearlyLessDistortedOneIsTaken) {
  FailureLog log({.diverse = 0, .most = 100});
  EXPECT_TRUE(log.offer(failure(0, 1)));
  EXPECT_FALSE(log.offer(failure(0, 0.9))) << "hardly less";
  EXPECT_TRUE(log.offer(failure(0, 0.5)));
}

TEST(FailureLog, OtherKindsHaveRoomOfTheirOwn) {
  FailureLog log({.diverse = 0, .most = 100});
  EXPECT_TRUE(log.offer(failure(0, 1)));
  EXPECT_TRUE(log.offer(failure(0, 1, /*prediction=*/4)));
  EXPECT_TRUE(log.offer(failure(0, 1, 3, "snow")));
  EXPECT_EQ(log.kinds(), 3U);
}

TEST(FailureLog, BeyondTheCapOnlyNewSeedsAreTaken) {
  FailureLog log({.diverse = 4, .most = 2});
  EXPECT_TRUE(log.offer(failure(0, 1, 1)));
  EXPECT_TRUE(log.offer(failure(0, 1, 2)));
  EXPECT_FALSE(log.offer(failure(0, 1, 3)));
  EXPECT_TRUE(log.offer(failure(1, 1, 3)));
  EXPECT_EQ(log.kept().size(), 3U);
}

TEST(FailureLog, TheSameOffersAgainAreDecidedTheSame) {
  FailureLog first({.diverse = 1, .most = 6});
  std::vector<FuzzFailure> admitted;
  for (int i = 0; i < 200; ++i) {
    const FuzzFailure next = failure(i * 7 % 5, 1.0 + i * 13 % 11, i % 3, i % 2 == 0 ? "fog" : "snow");
    if (first.offer(next)) {
      admitted.push_back(next);
    }
  }
  FailureLog again({.diverse = 1, .most = 6});
  for (const FuzzFailure& one : admitted) {
    EXPECT_TRUE(again.offer(one));
  }
  EXPECT_EQ(again.kept().size(), first.kept().size());
}

TEST(Signatures, HaveMutatorsOnceAndInOrder) {
  EXPECT_EQ(mutators_text({{{"snow", 1, {}, 0}, {"fog", 1, {}, 0}, {"snow", 1, {}, 1}}}), "fog+snow");
  EXPECT_EQ(mutators_text({}), "seed");
}

}  // namespace
}  // namespace faultline
