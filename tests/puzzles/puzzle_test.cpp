// Every planted defect is reached, triggered and filed within its evaluations, for three seeds, and replays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faultline/eval/replay.h"
#include "puzzles/puzzles.h"

namespace faultline {
namespace {

class Puzzles : public testing::TestWithParam<std::size_t> {
 protected:
  [[nodiscard]] const Puzzle& puzzle() const { return puzzles()[GetParam()]; }
};

/// Names of the oracles that findings of the corpus fail.
std::vector<std::string> filed_oracles(const Corpus& corpus) {
  std::vector<std::string> oracles;
  for (const std::string& id : corpus.ids()) {
    oracles.push_back(corpus.facts(id, [](const std::string&) {})->failure.oracle);
  }
  return oracles;
}

TEST_P(Puzzles, AreSolvedForEverySeed) {
  FuzzTable table(puzzle());
  for (const std::uint64_t seed : {0U, 1U, 2U}) {
    const TemporaryFolder folder;
    Corpus corpus = Corpus::open_or_create(folder.path() / "corpus");
    const FuzzState state =
        table.fuzz({.seed = seed, .evaluations = puzzle().evaluations, .first_failure = true}, &corpus);
    EXPECT_GE(state.accepted, 1) << puzzle().defect << ", seed " << seed << ", " << state.evaluations << " evaluations";
    EXPECT_EQ(state.rejected, 0);
    EXPECT_THAT(filed_oracles(corpus), testing::Each(puzzle().oracle));
    EXPECT_EQ(std::ssize(corpus.ids()), state.added);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Puzzles, testing::Range<std::size_t>(0, puzzles().size()),
                         [](const testing::TestParamInfo<std::size_t>& chosen) {
                           std::string name = puzzles()[chosen.param].name;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace faultline
