// A fuzzing run: rounds of islands, whose corpora are merged and whose failures are verified and filed after each.
//
//   FuzzRun run(plan, seeds, setup);
//   const FuzzState state = run.run();
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "faultline/corpus/corpus.h"
#include "faultline/eval/fuzz_findings.h"
#include "faultline/eval/fuzz_plan.h"
#include "faultline/eval/fuzz_scene.h"
#include "faultline/eval/fuzz_seeds.h"
#include "faultline/eval/fuzz_state.h"

namespace faultline {

/// Why a run ended.
enum class FuzzEnd { kEvaluations, kTime, kQuiet, kFirstFailure, kDeaths, kInterrupted };

[[nodiscard]] std::string name_of(FuzzEnd end);

/// What the live line shows.
struct FuzzProgress {
  std::int64_t evaluations = 0;
  double seconds = 0;
  std::int64_t seeds_broken = 0;
  std::size_t clusters = 0;
  std::int64_t corpus = 0;
  std::int64_t features = 0;
  double since_new = 0;  ///< Seconds since the last new cluster.
};

/// What a run needs beside its plan; of results only the time limits change something.
struct FuzzSetup {
  const MutatorRegistry& mutators;
  std::vector<ConfiguredOracle> oracles;
  TargetStack& target;
  const std::atomic<bool>& stop;
  int workers = 1;
  ChildLimits limits{};           ///< Of worker processes.
  std::optional<double> time{};   ///< Seconds for this part of the run.
  std::optional<double> quiet{};  ///< Ends when there was no new cluster for so many seconds.
  bool first_failure = false;     ///< Ends after the round in which one was found.
  Corpus* corpus = nullptr;       ///< To file findings in; null: they are verified and counted only.
  std::string line = "main";
  std::int64_t classes = 0;
  std::function<void(const FuzzState&, const RecipeSpace&)> saved{};  ///< Called after each whole round.
  std::function<void(const FuzzProgress&)> progress{};
};

/// One run. Everything it is made from must outlive it.
class FuzzRun {
 public:
  FuzzRun(const FuzzPlan& plan, const FuzzSeeds& seeds, const FuzzSetup& setup);
  ~FuzzRun();
  FuzzRun(const FuzzRun&) = delete;
  FuzzRun& operator=(const FuzzRun&) = delete;

  [[nodiscard]] const RecipeSpace& space() const { return scene_.space(); }

  /// Goes on from where an earlier part of the run stopped. Before run().
  void resume(FuzzState state);

  /// Runs to one of its ends.
  [[nodiscard]] const FuzzState& run();

  [[nodiscard]] FuzzEnd end() const { return end_; }

  /// Worker processes that died and whose inputs did it no second time.
  [[nodiscard]] std::int64_t unexplained_deaths() const;

 private:
  [[nodiscard]] std::optional<FuzzEnd> over() const;
  [[nodiscard]] std::vector<IslandJob> jobs() const;
  void merge(const std::vector<IslandResult>& results);
  void note_first_failure(const std::vector<IslandResult>& results);
  void add_deadly();
  void merge_champions(const std::vector<IslandResult>& results);
  void take_failures(const std::vector<IslandResult>& results);
  void file(const std::vector<FuzzFailure>& admitted);
  void tell(const PoolProgress& now) const;
  [[nodiscard]] double seconds() const;

  const FuzzPlan& plan_;
  const FuzzSeeds& seeds_;
  const FuzzSetup& setup_;
  FuzzScene scene_;
  std::unique_ptr<IslandPool> pool_;
  FailureLog log_;
  FuzzState state_;
  FuzzEnd end_ = FuzzEnd::kEvaluations;
  double earlier_seconds_ = 0;  // of the parts before
  std::chrono::steady_clock::time_point begin_;
  std::chrono::steady_clock::time_point newest_;  // when a cluster was new
};

}  // namespace faultline
