// What fuzzing costs beside rendering and asking the model: evaluations/s of an engine against the same inputs rendered
// and asked about again, in the same forwards, with nothing else.
//
//   build/release/bench/fuzz_overhead 2>/dev/null
//   build/release/bench/fuzz_overhead wk17a 2>/dev/null    # models whose name contains it
//
// Two processes at once with one thread each, as two workers would run; five repetitions in turns, medians. An engine's
// time holds everything but making failures smaller, verifying and filing. Its inputs are had by running it again.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faultline/eval/process.h"
#include "faultline/fuzz/libfuzzer_engine.h"
#include "fuzz_subject.h"
#include "puzzles/puzzles.h"

namespace faultline {
namespace {

constexpr int kWorkers = 2;
constexpr int kRepetitions = 5;

constexpr std::array<FuzzSubject, 3> kSubjects{
    {{"mnist_lpd_mlp_b_0.1.pt", 200, 100'000}, {"mnist_wk17a.pt", 200, 40'000}, {"cifar10_resnet20.pt", 90, 2'000}}};

/// Seconds of one run.
struct Times {
  double engine = 0;
  double render = 0;
  double forward = 0;
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// What a process measures.
enum class Part { kEngine, kInputs };

/// Runs an engine, for its time; or its inputs once more after it, for theirs. Writes the times and ends the process.
[[noreturn]] void measure(FuzzTable& table, const FuzzSubject& subject, EngineKind engine, std::uint64_t seed,
                          Part part, int out) {
  const FuzzScene scene = table.scene();
  std::vector<std::vector<FuzzInput>> forwards;
  IslandObserver observer;
  if (part == Part::kInputs) {
    observer.before = [&](std::span<const FuzzInput> inputs, std::int64_t) {
      if (!inputs.empty()) {
        forwards.emplace_back(inputs.begin(), inputs.end());
      }
    };
  }
  const IslandJob job{.seed = (seed + 1) << 40, .evaluations = subject.evaluations};
  Island island(scene.task(), table.target(), job, observer);
  const auto begin = std::chrono::steady_clock::now();
  const auto finish = [&] {
    Times times{.engine = part == Part::kEngine ? seconds_since(begin) : 0};
    for (const std::vector<FuzzInput>& inputs : forwards) {
      const auto rendering = std::chrono::steady_clock::now();
      const Tensor rendered = scene.task().render(inputs);
      times.render += seconds_since(rendering);
      const auto asking = std::chrono::steady_clock::now();
      benchmark::DoNotOptimize(table.target().logits(rendered));
      times.forward += seconds_since(asking);
    }
    const bool written = write(out, &times, sizeof(times)) == static_cast<ssize_t>(sizeof(times));
    _exit(written ? 0 : 1);
  };
  if (engine == EngineKind::kLibFuzzer) {
    run_libfuzzer_engine(island, finish);
  }
  (engine == EngineKind::kLoop ? run_loop_engine : run_random_engine)(island);
  finish();
  _exit(1);
}

/// The mean of all workers.
Times measured(FuzzTable& table, const FuzzSubject& subject, EngineKind engine, int repetition, Part part) {
  std::array<int, 2> ends{};
  Times mean;
  if (pipe(ends.data()) != 0) {
    return mean;
  }
  for (int worker = 0; worker < kWorkers; ++worker) {
    if (fork() == 0) {
      measure(table, subject, engine, static_cast<std::uint64_t>(repetition * kWorkers + worker), part, ends[1]);
    }
  }
  close(ends[1]);
  Times times;
  while (read(ends[0], &times, sizeof(times)) == static_cast<ssize_t>(sizeof(times))) {
    mean.engine += times.engine / kWorkers;
    mean.render += times.render / kWorkers;
    mean.forward += times.forward / kWorkers;
  }
  close(ends[0]);
  while (wait(nullptr) > 0) {
  }
  return mean;
}

void compare(const FuzzSubject& subject, EngineKind engine) {
  FuzzTable table(subject.model, subject.samples);
  std::vector<double> rates;
  std::vector<double> of_both;
  std::vector<double> of_forward;
  std::vector<double> render_share;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    const Times engines = measured(table, subject, engine, repetition, Part::kEngine);
    const Times alone = measured(table, subject, engine, repetition, Part::kInputs);
    rates.push_back(static_cast<double>(subject.evaluations) / engines.engine);
    of_both.push_back((alone.render + alone.forward) / engines.engine);
    of_forward.push_back(alone.forward / engines.engine);
    render_share.push_back(alone.render / (alone.render + alone.forward));
  }
  std::printf("| %s | %s | %.0f | %.3f | %.3f | %.3f |\n", subject.model, name_of(engine).c_str(), median(rates),
              median(of_both), median(of_forward), median(render_share));
  std::fflush(stdout);
}

}  // namespace
}  // namespace faultline

int main(int argc, char** argv) {
  using namespace faultline;
  prepare_process();
  std::printf("| model | engine | evaluations/s of a worker | of render + forward | of forward | render/both |\n");
  std::printf("|---|---|---|---|---|---|\n");
  std::fflush(stdout);
  const std::string chosen = argc > 1 ? argv[1] : "";
  for (const FuzzSubject& subject : kSubjects) {
    if (std::string(subject.model).find(chosen) == std::string::npos) {
      continue;
    }
    for (const EngineKind engine : {EngineKind::kRandom, EngineKind::kLoop, EngineKind::kLibFuzzer}) {
      compare(subject, engine);
    }
  }
  return 0;
}
