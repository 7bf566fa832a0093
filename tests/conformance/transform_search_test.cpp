// What every search over transforms must do, for each strategy and several mutators.
#include "faultline/attacks/transform_search.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "conformance/attack_conformance.h"
#include "conformance/subjects.h"
#include "engine.h"
#include "faultline/core/margin.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/targets/fakes.h"
#include "faultline/targets/metered.h"

namespace faultline {
namespace {

struct Found {
  AttackResult result{};
  TransformSpace space{};
  Tensor gradients{};
  Meter meter{};
};

Found searched(const std::string& spec, const ConformanceSubject& subject, const Batch& batch, std::uint64_t seed = 0) {
  const ConfiguredAttack attack = parse_attack(spec, builtin_registries());
  TargetStack target(subject.make);
  MeteredTarget metered(target.padded());
  Found found{.space = attack.space(batch.inputs.sizes().slice(1).vec())};
  const GoalJudge judge(batch.labels, {});
  found.gradients = batch.inputs - 0.5;  // in the place of a model's
  found.result = attack.search(metered, {batch, subject.bounds, found.space, judge, found.gradients}, Rng(seed));
  found.meter = metered.meter();
  return found;
}

Tensor reversed_rows(std::int64_t count) { return at::arange(count - 1, -1, -1, at::kLong); }

class TransformSearch : public ::testing::TestWithParam<std::string> {
 protected:
  const ConformanceSubject subject_ = mnist_subject();
};

TEST_P(TransformSearch, GivesWhatItsRecipesRenderInsideTheBounds) {
  const Found found = searched(GetParam(), subject_, subject_.batch);
  const Tensor& points = found.result.candidates;
  ASSERT_EQ(points.sizes(), subject_.batch.inputs.sizes());
  ASSERT_EQ(found.result.recipes.size(), static_cast<std::size_t>(subject_.batch.size()));
  EXPECT_TRUE(points.ge(subject_.bounds.lower).logical_and(points.le(subject_.bounds.upper)).all().item<bool>());
  for (std::int64_t row = 0; row < subject_.batch.size(); ++row) {
    const Recipe& recipe = found.result.recipes[static_cast<std::size_t>(row)];
    EXPECT_TRUE(found.space.contains(recipe)) << row;
    EXPECT_TRUE(found.space.render(recipe, subject_.batch.inputs[row], subject_.bounds, found.gradients[row])
                    .equal(points[row]))
        << row;
  }
}

TEST_P(TransformSearch, ClaimsOnlyWhatTheVerifierAccepts) {
  const Found found = searched(GetParam(), subject_, subject_.batch);
  TargetStack target(subject_.make);
  const GoalJudge judge(subject_.batch.labels, {});
  const TransformTask task{subject_.batch, subject_.bounds, found.space, judge, found.gradients};
  const std::vector<Verdict> verdicts =
      verify(target.padded(), target.plain(), task, at::arange(subject_.batch.size(), at::kLong),
             found.result.candidates, found.result.recipes, Norm::kLinf);
  for (std::int64_t row = 0; row < subject_.batch.size(); ++row) {
    if (found.result.claimed[row].item<bool>()) {
      EXPECT_NE(verdicts[static_cast<std::size_t>(row)].judgement, Judgement::kRejected) << row;
    }
  }
}

TEST_P(TransformSearch, IsTheSameForEachRowInAnyBatch) {
  const Found together = searched(GetParam(), subject_, subject_.batch);
  const Tensor back = reversed_rows(subject_.batch.size());
  const Found reversed = searched(GetParam(), subject_, select(subject_.batch, back));
  EXPECT_TRUE(reversed.result.candidates.equal(together.result.candidates.index_select(0, back)));
  std::vector<Recipe> recipes = reversed.result.recipes;
  std::ranges::reverse(recipes);
  EXPECT_EQ(recipes, together.result.recipes);
}

TEST_P(TransformSearch, KeepsItsQueriesAndAsksForNoGradient) {
  const Found found = searched(GetParam() + ",queries=17", subject_, subject_.batch);
  EXPECT_LE(found.meter.forwards, 17 * subject_.batch.size());
  EXPECT_GE(found.meter.forwards, subject_.batch.size());
  EXPECT_EQ(found.meter.backwards, 0);
}

TEST_P(TransformSearch, StopsAtTheFirstFailureWhenAsked) {
  const Found worst = searched(GetParam(), subject_, subject_.batch);
  const Found first = searched(GetParam() + ",keep=first", subject_, subject_.batch);
  EXPECT_TRUE(first.result.claimed.equal(worst.result.claimed)) << "the same samples fail";
  if (worst.result.claimed.any().item<bool>()) {
    EXPECT_LT(first.meter.forwards, worst.meter.forwards);
  } else {
    EXPECT_EQ(first.meter.forwards, worst.meter.forwards);
  }
}

TEST_P(TransformSearch, LeavesTheInputsAlone) {
  const Tensor before = subject_.batch.inputs.clone();
  static_cast<void>(searched(GetParam(), subject_, subject_.batch));
  EXPECT_TRUE(subject_.batch.inputs.equal(before));
}

INSTANTIATE_TEST_SUITE_P(Specs, TransformSearch,
                         ::testing::Values("rotate:search=grid", "rotate:search=random", "rotate:search=local",
                                           "translate+rotate:search=random", "translate+scale+fog:search=local",
                                           "gaussian-noise:search=grid", "elastic:search=random",
                                           "gradient-step+rotate:search=local", "flip:search=grid",
                                           "posterise:search=local", "corruption:name=fog,search=grid",
                                           "corruption:name=jpeg_compression,search=random"),
                         [](const auto& spec) {
                           std::string name = spec.param;
                           std::ranges::replace_if(
                               name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
                           return name;
                         });

TEST(TransformSearchClaims, AreManyWhereAModelIsWeak) {
  const ConformanceSubject subject = mnist_subject();
  for (const std::string search : {"grid", "random", "local"}) {
    const Found found = searched("rotate:max-degrees=60,search=" + search, subject, subject.batch);
    EXPECT_GT(found.result.claimed.sum().item<std::int64_t>(), subject.batch.size() / 2) << search;
  }
}

TEST(TransformSearchOptions, AreChecked) {
  const auto& entries = builtin_registries().attacks.entries();
  check_options(*std::ranges::find(entries, std::string("transform-search"),
                                   [](const AttackRegistry::Entry& entry) { return entry.info.name; }));
}

/// Takes a grey image of 4 x 4 for class 1 when it is brighter than 0.7: the further beyond, the surer.
ConformanceSubject brightness_subject() {
  const Tensor inputs = at::full({3, 1, 4, 4}, 0.5, at::kFloat);
  const Tensor weight = at::stack({at::zeros({16}, at::kFloat), at::full({16}, 1.0 / 16, at::kFloat)});
  return {.name = "brightness",
          .make = [weight] { return std::make_unique<LinearTarget>(weight, at::tensor({0.7F, 0.0F})); },
          .batch = {inputs, at::zeros({3}, at::kLong), identify(inputs, 0), {}},
          .bounds = {0, 1},
          .classes = 2};
}

TEST(TransformSearchStrength, EveryStrategyFindsTheWorstOfOneParameter) {
  const ConformanceSubject subject = brightness_subject();
  for (const std::string search : {"grid", "random", "local"}) {
    const Found found = searched("brightness:max-amount=0.4,search=" + search, subject, subject.batch);
    for (std::size_t row = 0; row < 3; ++row) {
      EXPECT_NEAR(found.result.recipes[row].steps.front().values.front(), 0.4, search == "grid" ? 1e-12 : 0.02)
          << search;
    }
    EXPECT_TRUE(found.result.claimed.all().item<bool>());
  }
}

TEST(TransformSearchStrength, TheGridKeepsTheMildestOfThoseThatFailFirst) {
  const ConformanceSubject subject = brightness_subject();
  const Found found = searched("brightness:max-amount=0.4,search=grid,queries=81,keep=first", subject, subject.batch);
  EXPECT_NEAR(found.result.recipes[0].steps.front().values.front(), 0.21, 1e-12) << "one step of 0.01 beyond 0.2";
}

TEST(TransformSearchStrength, TheLocalSearchIsNearerToTheWorstOfManyParametersThanRandomPoints) {
  const ConformanceSubject subject = mnist_subject();
  const auto mean_margin = [&](const std::string& search) {
    const Found found = searched("translate+rotate+scale+shear:search=" + search, subject, subject.batch);
    TargetStack target(subject.make);
    const Tensor logits = target.padded().logits(found.result.candidates);
    return margin(logits, subject.batch.labels).mean().item<double>();
  };
  EXPECT_LT(mean_margin("local"), mean_margin("random"));
}

}  // namespace
}  // namespace faultline
