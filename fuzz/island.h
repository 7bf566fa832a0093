// One island: a search with its own random numbers, budget and corpus, whose result is a function of its job. Engines
// decide what is tried next; this counts, remembers what was new, and keeps failures.
//
//   Island island(task, target, job, observer);
//   while (!island.finished()) { island.evaluate(children); }
//   const IslandResult result = island.result();
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "faultline/fuzz/failure_log.h"
#include "faultline/fuzz/screener.h"
#include "faultline/fuzz/seed_weights.h"

namespace faultline {

/// Oracle numbers of inputs that ended their process, beyond those of any run.
constexpr std::int64_t kProcessDeathOracle = 62;
constexpr std::int64_t kHangOracle = 63;

/// How an input ended its process.
enum class Death { kProcess, kHang };

/// An input that must not be run again.
struct DeadlyInput {
  FuzzInput input{};
  Death death = Death::kProcess;
};

/// An input that was new, with what was new about it.
struct CorpusEntry {
  FuzzInput input{};
  Features features{};
};

/// The input made from a seed that came nearest to failing, nearer than the seed itself.
struct Champion {
  FuzzInput input{};
  double slack = 0;
};

/// Everything an island's result depends on, beside the task. What it refers to must outlive the island.
struct IslandJob {
  std::uint64_t seed = 0;
  std::int64_t evaluations = 0;           ///< The budget.
  std::span<const CorpusEntry> corpus{};  ///< To start from.
  std::vector<std::int64_t> broken{};     ///< Failures per seed so far.
  std::span<const Champion> champions{};  ///< One of each seed that has one.
  SeedPart part{};                        ///< The seeds it is to look at.
  std::vector<DeadlyInput> deadly{};
  FailureQuota quota{};
  bool minimise = true;
  bool catches_up = false;  ///< Runs its budget although the time is up: what a dead worker had is to be had again.
};

struct IslandResult {
  std::int64_t evaluations = 0;
  std::int64_t minimisation = 0;        ///< Evaluations spent on making failures smaller.
  std::int64_t screened = 0;            ///< Failures, before any were dropped.
  std::int64_t first_failure = -1;      ///< Evaluations up to the first one; -1: none.
  std::vector<CorpusEntry> corpus{};    ///< What was new; the start is not.
  std::vector<std::int64_t> broken{};   ///< Failures per seed, those of the job included.
  std::vector<Champion> champions{};    ///< Those that came nearer than the ones of the job.
  std::vector<FuzzFailure> failures{};  ///< Kept ones, minimised.
};

/// Hears of what an island does; the default hears nothing.
struct IslandObserver {
  std::function<bool()> stop = [] { return false; };   ///< Asked before every forward: nothing new is to be tried.
  std::function<bool()> hurry = [] { return false; };  ///< The same: nothing at all is to be tried.
  /// What is about to be run, and how many evaluations there will have been then; nothing: it is done.
  std::function<void(std::span<const FuzzInput>, std::int64_t)> before = [](auto, std::int64_t) {};
  std::function<void(const class Island&)> after = [](const Island&) {};  ///< A forward is done and counted.
};

class Island {
 public:
  /// All of them must outlive it.
  Island(const FuzzTask& task, ScoreTarget& target, const IslandJob& job, const IslandObserver& observer);

  /// Children of one forward: by the size of an input, never by a clock.
  [[nodiscard]] std::size_t forward_size() const { return forward_size_; }

  /// Whether the budget is used up, or the run has been stopped.
  [[nodiscard]] bool finished() const;

  /// Runs inputs, as many as the budget allows, and keeps what fails. In order of the inputs.
  std::vector<Screened> evaluate(std::vector<FuzzInput> inputs);

  /// How many of its features are new to the island's corpus.
  [[nodiscard]] std::size_t novelty(const Screened& one) const { return map_.count_new(one.features); }

  /// Takes what is new into the corpus; says whether it was.
  bool keep(const FuzzInput& input, const Features& features);

  /// Of a seed; null when nothing made from it came nearer than itself.
  [[nodiscard]] const Champion* champion(std::int64_t seed) const;
  /// One of the seeds that has one: of three drawn the one nearest to failing; null when there are none.
  [[nodiscard]] const Champion* drawn_champion(Draws& draws) const;

  [[nodiscard]] const FuzzTask& task() const { return task_; }
  [[nodiscard]] const IslandJob& job() const { return job_; }
  [[nodiscard]] const SeedWeights& weights() const { return weights_; }
  [[nodiscard]] const std::vector<CorpusEntry>& corpus() const { return corpus_; }
  [[nodiscard]] const FailureLog& failures() const { return failures_; }
  [[nodiscard]] std::int64_t evaluations() const { return evaluations_; }
  [[nodiscard]] std::size_t features() const { return map_.size(); }

  /// Numbers for the next choice; each call gives others.
  [[nodiscard]] Draws next_draws();

  /// Makes failures smaller, and tells what came of it all. To be called once, at the end.
  [[nodiscard]] IslandResult result();

 private:
  [[nodiscard]] std::vector<Screened> run(std::vector<FuzzInput> inputs);
  [[nodiscard]] Screened without_running(const FuzzInput& input, Death death) const;
  void record(const Screened& one);
  /// Whether it came clearly nearer.
  bool compare_with_champion(const Screened& one);

  const FuzzTask& task_;
  const IslandJob& job_;
  const IslandObserver& observer_;
  Screener screener_;
  SeedWeights weights_;
  FailureLog failures_;
  FeatureMap map_;
  std::vector<CorpusEntry> corpus_;
  std::size_t at_start_ = 0;  // of it
  std::vector<Champion> champions_;
  std::vector<std::int64_t> champion_of_;  // per seed: its place among them, or -1
  std::size_t forward_size_;
  std::int64_t evaluations_ = 0;
  std::int64_t first_failure_ = -1;
  std::uint64_t choices_ = 0;
};

/// No guidance: every input is a seed, each as likely, with a random recipe.
void run_random_engine(Island& island);

/// A corpus of what was new: its entries are changed, and crossed, a forward full at a time.
void run_loop_engine(Island& island);

}  // namespace faultline
