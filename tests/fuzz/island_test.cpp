// Islands and runs of them: the same result for any number of workers, in pieces, and when workers are killed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine.h"
#include "faultline/core/error.h"
#include "puzzles/puzzles.h"

namespace faultline {
namespace {

constexpr const char* kSmallModel = "mnist_nor_mlp_b.pt";

/// Ids of what a run files.
std::vector<std::string> filed_ids(FuzzTable& table, const FuzzTry& how, FuzzState* state = nullptr) {
  const TemporaryFolder folder;
  Corpus corpus = Corpus::open_or_create(folder.path() / "corpus");
  const FuzzState result = table.fuzz(how, &corpus);
  EXPECT_EQ(result.rejected, 0);
  EXPECT_EQ(result.evaluations, how.evaluations);
  if (state != nullptr) {
    *state = result;
  }
  return corpus.ids();
}

class Engines : public testing::TestWithParam<EngineKind> {};

TEST_P(Engines, GiveTheSameForAnyNumberOfWorkers) {
  FuzzTable table(kSmallModel, 60);
  const FuzzTry how{.engine = GetParam(), .seed = 3, .evaluations = 6000, .islands = 3, .workers = 1};
  FuzzTry more = how;
  more.workers = 3;
  const std::vector<std::string> one = filed_ids(table, how);
  EXPECT_GT(one.size(), 3U);
  EXPECT_EQ(filed_ids(table, more), one);
  FuzzTry other = how;
  other.seed = 4;
  EXPECT_NE(filed_ids(table, other), one) << "another seed, another search";
}

TEST_P(Engines, CountWhatTheySpend) {
  FuzzTable table(kSmallModel, 60);
  FuzzState state;
  (void)filed_ids(table, {.engine = GetParam(), .evaluations = 1001, .islands = 2}, &state);
  EXPECT_EQ(state.evaluations, 1001);
  EXPECT_EQ(state.round, 1U);
  EXPECT_GE(state.screened, state.accepted);
  EXPECT_GE(state.first_failure, 1);
  EXPECT_LE(state.first_failure, state.evaluations);
  EXPECT_LE(std::ssize(state.verified_seeds), state.accepted);
  EXPECT_LE(std::ssize(state.clusters), state.accepted);
}

INSTANTIATE_TEST_SUITE_P(All, Engines, testing::Values(EngineKind::kLibFuzzer, EngineKind::kLoop, EngineKind::kRandom),
                         [](const testing::TestParamInfo<EngineKind>& chosen) { return name_of(chosen.param); });

TEST(FuzzRounds, GoOnFromTheStateOfTheLastOne) {
  FuzzTable table(kSmallModel, 40);
  FuzzTry how{.engine = EngineKind::kLoop, .evaluations = 3 * 400, .islands = 2, .round = 200};
  std::vector<std::string> states;
  FuzzState whole = table.fuzz(how, nullptr, {}, [&](const std::string& state) { states.push_back(state); });
  EXPECT_EQ(whole.round, 3U);
  ASSERT_EQ(states.size(), 3U);
  for (std::size_t round = 0; round < 2; ++round) {
    FuzzState resumed = table.fuzz(how, nullptr, states[round]);
    EXPECT_EQ(resumed.clusters, whole.clusters);
    EXPECT_EQ(resumed.verified_seeds, whole.verified_seeds);
    EXPECT_EQ(resumed.evaluations, whole.evaluations);
    EXPECT_EQ(resumed.screened, whole.screened);
    EXPECT_EQ(resumed.broken, whole.broken);
    EXPECT_EQ(resumed.accepted, whole.accepted);
  }
}

TEST(FuzzStates, ThatAreDamagedAreRefused) {
  const MutatorRegistry& registry = builtin_registries().mutators;
  const RecipeSpace space({{&registry.at("rotate"), 4}}, {1, 28, 28}, {});
  FuzzState state;
  state.broken = {1, 0, 2};
  state.corpus = {{{.seed = 1}, {8, 17}}};
  const std::string text = state_json(state, space).dump();
  EXPECT_EQ(state_json(parse_state(text, space, 3, "state.json"), space).dump(), text);
  EXPECT_THROW((void)parse_state(text.substr(0, text.size() / 2), space, 3, "state.json"), Error);
  EXPECT_THROW((void)parse_state("[]", space, 3, "state.json"), Error);
  EXPECT_THROW((void)parse_state(text, space, 4, "state.json"), Error) << "other seeds";
  const RecipeSpace other({{&registry.at("rotate"), 3}}, {1, 28, 28}, {});
  EXPECT_THROW((void)parse_state(text, other, 3, "state.json"), Error) << "bytes would mean something else";
}

TEST(FuzzFindings, FailAndAreMinimal) {
  FuzzTable table(puzzles()[1]);  // a blind spot at 17 to 19 degrees
  const TemporaryFolder folder;
  Corpus corpus = Corpus::open_or_create(folder.path() / "corpus");
  (void)table.fuzz({.evaluations = 4000}, &corpus);
  ASSERT_GT(corpus.ids().size(), 0U);
  int alone = 0;
  for (const std::string& id : corpus.ids()) {
    const std::string recipe = corpus.facts(id, [](const std::string&) {})->discoveries.front().recipe;
    alone += Json::parse(recipe).size() == 1 ? 1 : 0;
  }
  EXPECT_GE(2 * alone, std::ssize(corpus.ids())) << "most blind spots need one step";
}

}  // namespace
}  // namespace faultline
