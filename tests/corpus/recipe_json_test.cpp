// Recipes in files: what is written reads back, and nothing else is read.
#include "faultline/eval/recipe_json.h"

#include <gtest/gtest.h>

#include "engine.h"
#include "faultline/fuzz/recipe_changes.h"
#include "faults/data_checks.h"

namespace faultline {
namespace {

const MutatorRegistry& registry() { return builtin_registries().mutators; }

Json written(const Recipe& recipe) {
  std::vector<const MutatorRegistry::Entry*> mutators;
  for (const RecipeStep& step : recipe.steps) {
    mutators.push_back(&registry().at(step.mutator));
  }
  return recipe_json(recipe, mutators);
}

TEST(RecipeJson, WhatFuzzingMakesReadsBack) {
  std::vector<AllowedMutator> allowed;
  for (const MutatorRegistry::Entry& entry : registry().entries()) {
    allowed.push_back({&entry});
  }
  const RecipeSpace space(allowed, {3, 32, 32}, {});
  for (std::uint64_t key = 0; key < 500; ++key) {
    Draws draws(key);
    const Recipe recipe = changed({.recipe = random_recipe(space, draws)}, space, draws).recipe;
    const Json json = Json::parse(written(recipe).dump());
    EXPECT_EQ(parse_recipe(json, registry(), "place"), recipe) << json;
  }
}

TEST(RecipeJson, WhatIsNoRecipeIsRefused) {
  const std::string good =
      R"([{"mutator":"rotate","version":1,"parameters":{"degrees":5.0},"key":"00000000000000ff"}])";
  EXPECT_EQ(parse_recipe(Json::parse(good), registry(), "place").steps.front().key, 255U);
  const auto refused = [&](const std::string& from, const std::string& to, const std::string& word) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    expect_refusal([&] { (void)parse_recipe(Json::parse(text), registry(), "place"); }, {"place", word});
  };
  refused("rotate", "rotat", "did you mean 'rotate'?");
  refused("degrees", "degree", "no recipe");
  refused("5.0", "1e300", "degrees cannot be");
  refused("5.0", "\"five\"", "no recipe");
  refused("00ff", "00fg", "no key");
  refused("\"version\":1,", "", "no recipe");
  refused("\"version\":1,", "\"version\":1.5,", "no recipe");
  refused("\"version\":1,", "\"version\":1e67,", "no recipe");
  expect_refusal([] { (void)parse_recipe(Json(7), registry(), "place"); }, {"place", "no list"});
  const Json step = Json::parse(good).front();
  expect_refusal([&] { (void)parse_recipe(Json(std::vector<Json>(9, step)), registry(), "place"); }, {"at most 8"});
}

}  // namespace
}  // namespace faultline
