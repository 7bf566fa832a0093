// Islands in worker processes: one that dies loses nothing but its time, and what killed it becomes a failure.
//
//   IslandPool pool(task, target, EngineKind::kLibFuzzer, settings);
//   const std::vector<IslandResult> results = pool.run(jobs, [](const PoolProgress&) {});
//
// Processes are forked from this one, which must have one thread then; nothing is loaded again. Not for CUDA, which
// does not survive a fork: there islands run in this process, one after another, and nothing protects it.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "faultline/fuzz/child_process.h"
#include "faultline/fuzz/island.h"

namespace faultline {

template <typename T>
class SharedMemory;

enum class EngineKind { kLibFuzzer, kLoop, kRandom };

[[nodiscard]] std::string name_of(EngineKind kind);

struct PoolSettings {
  int workers = 1;             ///< Islands at once; changes no result.
  ChildLimits limits{};        ///< Of a worker; `seconds` of one forward, and the log is of the last run() only.
  bool first_failure = false;  ///< Everything ends once an island has one.
  const std::atomic<bool>& stop;
  std::optional<std::chrono::steady_clock::time_point> deadline{};
};

/// How far islands are, all together.
struct PoolProgress {
  std::int64_t evaluations = 0;
  std::int64_t screened = 0;
  std::int64_t broken = 0;    ///< Seeds with failures, at most: islands may share some.
  std::int64_t features = 0;  ///< Of the island with most.
  std::int64_t corpus = 0;    ///< The same.
};

class IslandPool {
 public:
  /// All of them must outlive it.
  IslandPool(const FuzzTask& task, ScoreTarget& target, EngineKind engine, PoolSettings settings);
  ~IslandPool();
  IslandPool(const IslandPool&) = delete;
  IslandPool& operator=(const IslandPool&) = delete;

  /// Runs the islands to their ends, or to the deadline or a stop; results are in order of the jobs, of islands that
  /// never began empty. Throws Error when a model refuses an input, with what it said.
  [[nodiscard]] std::vector<IslandResult> run(std::vector<IslandJob> jobs,
                                              const std::function<void(const PoolProgress&)>& progress);

  /// Whether the input ends a process that runs it, and how: it is run in one of its own.
  [[nodiscard]] std::optional<Death> dies(const FuzzInput& input);

  /// Inputs that were found to end their process, so far.
  [[nodiscard]] const std::vector<DeadlyInput>& deadly() const { return deadly_; }

  /// Deaths that did not happen again when their inputs were run once more.
  [[nodiscard]] std::int64_t unexplained() const { return unexplained_; }

 private:
  struct Shared;
  struct Worker;
  class Supervisor;

  /// Where a process that ran inputs one by one ended.
  struct Probe {
    std::size_t place = 0;
    std::optional<Death> death{};  ///< None: it ran them all.
  };

  [[nodiscard]] Shared& shared() const;
  [[nodiscard]] Probe run_one_by_one(std::span<const FuzzInput> inputs);
  /// Which of them end a process that runs them.
  [[nodiscard]] std::vector<DeadlyInput> culprits(const std::vector<FuzzInput>& inputs);
  [[nodiscard]] std::vector<IslandResult> run_here(const std::vector<IslandJob>& jobs,
                                                   const std::function<void(const PoolProgress&)>& progress);

  const FuzzTask& task_;
  ScoreTarget& target_;
  EngineKind engine_;
  PoolSettings settings_;
  std::unique_ptr<SharedMemory<Shared>> shared_;
  std::vector<DeadlyInput> deadly_;
  std::int64_t unexplained_ = 0;
};

}  // namespace faultline
