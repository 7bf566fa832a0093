// A run: chunks through the ensemble or the curve search, rows appended as chunks finish, resumed where they were left.
//
//   RunResult result = execute(plan, setup);
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "faultline/core/dataset.h"
#include "faultline/core/registry.h"
#include "faultline/eval/attack_chunk.h"
#include "faultline/eval/plan.h"
#include "faultline/eval/run_directory.h"
#include "faultline/eval/runner.h"
#include "faultline/eval/sample_row.h"
#include "faultline/targets/target_stack.h"

namespace faultline {

/// How far a run is.
struct Progress {
  std::int64_t done = 0;  ///< Samples finished, those of a resumed run included.
  std::int64_t total = 0;
  std::int64_t resumed = 0;  ///< Samples that an earlier run had finished.
  std::int64_t errors = 0;   ///< Clean errors and found ones among them; of findings, those that fail.
};

/// What a run needs beside its plan, which says everything that changes results; here it is ready to be used.
struct RunSetup {
  const Dataset& data;
  std::vector<ConfiguredAttack> attacks;
  TargetFactory make_target;
  ComparedModels compared = {};  ///< What oracles ask.
  const std::atomic<bool>& stop;
  int workers = 1;
  std::int64_t batch = 100;
  c10::Device device = c10::Device(c10::kCPU);
  RunDirectory* directory = nullptr;  ///< Where to write; null: nothing is written.
  /// Called with each finished chunk before its rows are written, by several threads at once.
  std::function<void(const Chunk& chunk, const ChunkResult& result)> finished = {};
  std::function<void(const Progress&)> progress = {};  ///< Called after each chunk, by one thread at a time.
};

struct RunResult {
  std::vector<SampleRow> rows{};    ///< In order of index; fewer than planned when interrupted.
  std::vector<AttackCost> costs{};  ///< Per attack, those of a resumed run included.
  double seconds = 0;               ///< Wall clock of this process, opening and checking not included.
  bool interrupted = false;
};

/// Carries out `plan.command` ("attack" or "curve") on the plan's samples.
[[nodiscard]] RunResult execute(const Plan& plan, const RunSetup& setup);

}  // namespace faultline
