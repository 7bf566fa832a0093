#include "faultline/core/rng.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <cmath>
#include <set>

#include "property/cases.h"

namespace faultline {
namespace {

const SampleId kSample{.index = 3, .hash = 0x0123456789abcdefULL};

TEST(Rng, GivesTheSignatureStoredHere) {
  const Rng rng(42);
  EXPECT_EQ(rng.word(kSample, {}), 0xaa487bf8acdfbb8dULL);
  EXPECT_EQ(rng.word(kSample, {.restart = 1}), 0x31100a3b1e75088bULL);
  EXPECT_EQ(rng.word(kSample, {.step = 1}), 0xd20cb326b5bc37acULL);
  EXPECT_EQ(rng.word(kSample, {.use = 1}), 0x0157453014a52e28ULL);
  EXPECT_EQ(rng.derived("pgd", 2).word(kSample, {}), 0xb61ffd92498b3e8fULL);
  EXPECT_EQ(Rng(0).word(SampleId{}, {}), 0xe77a8b2460cef5a2ULL);
  // Uniform numbers are multiples of 2^-24, so that they too are integers.
  const Tensor scaled = (rng.uniform(std::array{kSample}, {1, 6}, {.step = 7}) * 0x1p24F).to(at::kLong);
  const std::int64_t* words = scaled.const_data_ptr<std::int64_t>();
  EXPECT_EQ(std::vector<std::int64_t>(words, words + 6),
            (std::vector<std::int64_t>{16098968, 12426728, 16528926, 10672653, 15040636, 1626349}));
}

TEST(Rng, ASampleDrawsTheSameAloneInAnyBatchAndInAnyOrder) {
  EXPECT_TRUE(rc::check("row n depends on ids[n].hash only", [] {
    const auto hashes = *rc::gen::container<std::vector<std::uint64_t>>(5, rc::gen::arbitrary<std::uint64_t>());
    const auto width = *rc::gen::inRange<std::int64_t>(1, 20);
    const Rng rng(*rc::gen::arbitrary<std::uint64_t>());
    const Draw draw{.restart = *rc::gen::inRange(0U, 9U), .step = *rc::gen::inRange(0U, 9U), .use = 2};
    std::vector<SampleId> ids;
    for (const std::uint64_t hash : hashes) {
      ids.push_back({static_cast<std::int64_t>(ids.size()), hash});
    }
    const std::vector<SampleId> backwards(ids.rbegin(), ids.rend());
    const Tensor uniform = rng.uniform(ids, {5, width}, draw);
    const Tensor normal = rng.normal(ids, {5, width}, draw);
    RC_ASSERT(same_bits(uniform, rng.uniform(backwards, {5, width}, draw).flip(0)));
    RC_ASSERT(same_bits(normal, rng.normal(backwards, {5, width}, draw).flip(0)));
    for (std::int64_t n = 0; n < 5; ++n) {
      const SampleId elsewhere{.index = 1000 + n, .hash = hashes[static_cast<std::size_t>(n)]};
      RC_ASSERT(same_bits(uniform[n], rng.uniform(std::array{elsewhere}, {1, width}, draw)[0]));
      RC_ASSERT(same_bits(normal[n], rng.normal(std::array{elsewhere}, {1, width}, draw)[0]));
    }
  }));
}

TEST(Rng, ShapeOnlyArrangesTheDraws) {
  const Rng rng(5);
  const Tensor flat = rng.uniform(std::array{kSample}, {1, 30}, {});
  EXPECT_TRUE(same_bits(rng.uniform(std::array{kSample}, {1, 2, 3, 5}, {}).flatten(1), flat));
  EXPECT_TRUE(same_bits(rng.uniform(std::array{kSample}, {1, 7}, {}), flat.narrow(1, 0, 7).contiguous()));
  EXPECT_EQ(rng.uniform({}, {0, 4}, {}).sizes(), (at::IntArrayRef{0, 4}));
}

TEST(Rng, EveryPartOfTheKeyChangesTheDraw) {
  const Rng rng(7);
  const SampleId other{.index = 3, .hash = 0x0123456789abcdeeULL};
  const std::vector<std::uint64_t> words{
      rng.word(kSample, {}),
      rng.word(other, {}),
      Rng(8).word(kSample, {}),
      Rng(7ULL << 32).word(kSample, {}),
      rng.word(kSample, {.restart = 1}),
      rng.word(kSample, {.step = 1}),
      rng.word(kSample, {.use = 1}),
      rng.derived("").word(kSample, {}),
      rng.derived("pgd").word(kSample, {}),
      rng.derived("pge").word(kSample, {}),
      rng.derived("pgd", 1).word(kSample, {}),
      rng.derived("pgd").derived("pgd").word(kSample, {}),
  };
  EXPECT_EQ(std::set<std::uint64_t>(words.begin(), words.end()).size(), words.size());
}

TEST(Rng, UniformLiesInItsIntervalWithTheRightMoments) {
  const std::int64_t count = 1 << 20;
  const Tensor draws = Rng(1).uniform(std::array{kSample}, {1, count}, {}).to(at::kDouble);
  EXPECT_GE(draws.min().item<double>(), 0);
  EXPECT_LT(draws.max().item<double>(), 1);
  // Four standard errors of 2^20 draws.
  const double root = std::sqrt(static_cast<double>(count));
  EXPECT_NEAR(draws.mean().item<double>(), 0.5, 4 * std::sqrt(1.0 / 12) / root);
  EXPECT_NEAR((draws - 0.5).square().mean().item<double>(), 1.0 / 12, 4 * std::sqrt(1.0 / 180) / root);
  const Tensor halves = draws.view({2, count / 2}) - 0.5;
  EXPECT_NEAR((halves[0] * halves[1]).mean().item<double>(), 0, 4.0 / 12 / std::sqrt(static_cast<double>(count) / 2));
}

TEST(Rng, NormalHasTheRightMomentsAndIndependentNeighbours) {
  const std::int64_t count = 1 << 20;
  const Tensor draws = Rng(1).normal(std::array{kSample}, {1, count}, {}).to(at::kDouble);
  EXPECT_TRUE(draws.isfinite().all().item<bool>());
  // Four standard errors; the variances of x, x^2 and x^4 are 1, 2 and 96.
  const double root = std::sqrt(static_cast<double>(count));
  EXPECT_NEAR(draws.mean().item<double>(), 0, 4 / root);
  EXPECT_NEAR(draws.square().mean().item<double>(), 1, 4 * std::sqrt(2.0) / root);
  EXPECT_NEAR(draws.pow(4).mean().item<double>(), 3, 4 * std::sqrt(96.0) / root);
  const Tensor pairs = draws.view({count / 2, 2});
  EXPECT_NEAR((pairs.select(1, 0) * pairs.select(1, 1)).mean().item<double>(), 0, 4 * std::sqrt(2.0) / root);
}

TEST(Rng, RefusesAShapeThatIsNotOneRowPerId) {
  EXPECT_THROW(static_cast<void>(Rng(1).uniform(std::array{kSample}, {2, 3}, {})), std::logic_error);
}

}  // namespace
}  // namespace faultline
