// Tiny models with one planted defect each, and images on which nobody would see it: what fuzzing has to find.
//
//   for (const Puzzle& puzzle : puzzles()) { PuzzleTable table(puzzle); table.fuzz({.seed = 1}); }
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "faultline/eval/fuzz_run.h"
#include "temporary_folder.h"

namespace faultline {

struct Puzzle {
  std::string name{};
  std::string defect{};               ///< In words.
  std::string body{};                 ///< Of forward(self, x), x [N, 1, 16, 16]; class 0 but for the defect.
  std::string oracle{};               ///< That the defect fails, as findings name it.
  std::int64_t evaluations = 20'000;  ///< In which every engine with guidance must find it.
  double hang_seconds = 20;           ///< What is taken for a hang.
};

[[nodiscard]] const std::vector<Puzzle>& puzzles();

/// How a puzzle, or a model of tests/data, is fuzzed.
struct FuzzTry {
  EngineKind engine = EngineKind::kLibFuzzer;
  std::uint64_t seed = 0;
  std::int64_t evaluations = 20'000;
  int islands = 2;
  int workers = 2;
  bool first_failure = false;
  std::int64_t round = 16384;
};

/// A model with its seeds, ready to be fuzzed in this process and its children.
class FuzzTable {
 public:
  explicit FuzzTable(const Puzzle& puzzle);
  /// Of tests/data, with its first samples.
  FuzzTable(const std::string& model_file, std::int64_t samples);

  /// Findings are filed in `corpus`, if any. `resumed`: the state to go on from, empty: none; `saved` hears of every
  /// state.
  [[nodiscard]] FuzzState fuzz(const FuzzTry& how, Corpus* corpus = nullptr, const std::string& resumed = {},
                               const std::function<void(const std::string&)>& saved = {});

  /// What islands work on; the table must outlive it.
  [[nodiscard]] FuzzScene scene();
  /// The model as islands ask it.
  [[nodiscard]] ScoreTarget& target();

 private:
  void open(const std::filesystem::path& model, const std::string& data, const std::string& oracle,
            std::int64_t samples);

  TemporaryFolder folder_;
  FuzzPlan plan_;
  std::vector<ConfiguredOracle> oracles_;
  std::unique_ptr<Dataset> data_;
  std::unique_ptr<TargetStack> target_;
  FuzzSeeds seeds_;
  double hang_seconds_ = 20;
};

}  // namespace faultline
