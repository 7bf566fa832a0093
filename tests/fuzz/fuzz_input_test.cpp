// Bytes of inputs: any bytes are one, and what is written reads back.
#include <gtest/gtest.h>

#include "engine.h"
#include "faultline/fuzz/island_result.h"
#include "faultline/fuzz/recipe_changes.h"

namespace faultline {
namespace {

constexpr std::int64_t kSeeds = 7;

RecipeSpace colour_space(int validity = 5) {
  std::vector<AllowedMutator> allowed;
  for (const MutatorRegistry::Entry& entry : builtin_registries().mutators.entries()) {
    allowed.push_back({&entry, std::max(1, entry.info.preserves)});
  }
  return {allowed, {3, 32, 32}, {.validity = validity}};
}

TEST(FuzzInputBytes, ReadBackAsTheyWereWritten) {
  const RecipeSpace space = colour_space(8);
  Draws draws(3);
  FuzzInput input{.seed = 5};
  for (int i = 0; i < 3000; ++i) {
    input = changed(input, space, draws);
    const std::vector<std::uint8_t> bytes = encode(input, space);
    ASSERT_LE(bytes.size(), kMostInputBytes);
    ASSERT_EQ(decode(bytes, space, kSeeds), input);
    ASSERT_EQ(from_hex(hex_of(input, space), space, kSeeds), input);
  }
}

TEST(FuzzInputBytes, AnyBytesAreAValidInput) {
  const RecipeSpace space = colour_space();
  Draws draws(4);
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(draws.below(600)));
    for (std::uint8_t& byte : bytes) {
      byte = static_cast<std::uint8_t>(draws.word());
    }
    const FuzzInput input = decode(bytes, space, kSeeds);
    ASSERT_TRUE(space.contains(input.recipe));
    ASSERT_GE(input.seed, 0);
    ASSERT_LT(input.seed, kSeeds);
    const std::vector<std::uint8_t> canonical = encode(input, space);
    ASSERT_EQ(encode(decode(canonical, space, kSeeds), space), canonical) << "canonical bytes are what they mean";
  }
}

TEST(FuzzInputBytes, FewBytesAreASeed) {
  const RecipeSpace space = colour_space();
  EXPECT_EQ(decode({}, space, kSeeds), FuzzInput{});
  const std::vector<std::uint8_t> bytes{10, 0, 0, 0, 1, 2, 3};
  EXPECT_EQ(decode(bytes, space, kSeeds), (FuzzInput{.seed = 3})) << "modulo the seeds; a step that is cut off is none";
}

TEST(FuzzInputBytes, AreStoredWithTheCode) {
  const MutatorRegistry& registry = builtin_registries().mutators;
  const RecipeSpace space({{&registry.at("rotate"), 4}, {&registry.at("brightness"), 4}}, {1, 28, 28}, {});
  const FuzzInput input{.seed = 258, .recipe = {{{"brightness", 1, {0.125}, 0x0102030405060708}}}};
  EXPECT_EQ(hex_of(input, space),
            "02010000"
            "01"
            "0807060504030201"
            "0000003e"
            "000000000000000000000000000000000000000000000000");
}

TEST(FuzzInputBytes, LayoutsTellSpacesApart) {
  EXPECT_EQ(layout_of(colour_space()), layout_of(colour_space()));
  EXPECT_NE(layout_of(colour_space(5)), layout_of(colour_space(6)));
}

TEST(FuzzFeatures, AreLevelsOfDistinctCounters) {
  const Observed near{.seed = 1, .label = 2, .prediction = 2, .confidence = 0.99, .relative_margin = 0.1};
  Observed failed = near;
  failed.prediction = 3;
  failed.relative_margin = -0.1;
  failed.oracle = 0;
  failed.steps = {{4, 2}};
  const Features few = features_of(near);
  const Features many = features_of(failed);
  EXPECT_EQ(few.size(), 2U) << "class and ladder";
  EXPECT_EQ(many.size(), 5U) << "class, ladder, confusion, oracle, step";
  for (const Feature feature : many) {
    EXPECT_LT(feature / kLevels, kCounters);
  }
  FeatureMap map;
  EXPECT_EQ(map.add(few), 2U);
  EXPECT_EQ(map.count_new(few), 0U);
  EXPECT_EQ(map.count_new(many), 5U) << "another class, and another rung of the ladder";
}

TEST(FuzzFeatures, LevelsAreBucketsOfLibFuzzer) {
  // libFuzzer's buckets of an 8-bit counter: 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128-255.
  std::set<int> buckets;
  for (Feature level = 0; level < kLevels; ++level) {
    const int value = counter_value(level);
    buckets.insert(value >= 128 ? 7 : value >= 32 ? 6 : value >= 16 ? 5 : value >= 8 ? 4 : value >= 4 ? 3 : value - 1);
  }
  EXPECT_EQ(buckets.size(), kLevels);
}

}  // namespace
}  // namespace faultline
