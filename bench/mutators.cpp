// Images a second of every mutator at severity 3, one thread; and the sweep of a corruption profile on all cores.
//
//   build/release/bench/mutators
//   build/release/bench/mutators --benchmark_filter='fog|sweep' --benchmark_repetitions=5
#include <benchmark/benchmark.h>

#include <algorithm>
#include <thread>

#include "faultline/cli/run.h"
#include "faultline/core/mutator_registry.h"
#include "faultline/core/rng.h"
#include "faultline/eval/corruption_profile.h"
#include "faultline/eval/process.h"

namespace faultline {
namespace {

/// Smooth colours with some texture: neither flat nor noise. [C, side, side].
Tensor made_picture(std::int64_t channels, std::int64_t side) {
  const Tensor ramp = at::linspace(0, 6, side);
  const Tensor waves = (at::sin(ramp).view({1, side}) + at::cos(ramp * 1.7).view({side, 1})) / 4 + 0.5;
  const SampleId id{0, 7};
  const Tensor grain = Rng(1).uniform(std::span(&id, 1), {1, channels, side, side}, {}).squeeze(0);
  return (waves * 0.8 + grain * 0.2).clamp(0, 1).contiguous();
}

void render(benchmark::State& state, const MutatorRegistry::Entry& mutator, std::int64_t channels, int side) {
  const Tensor picture = made_picture(channels, side);
  Tensor copy = picture.clone();
  std::uint64_t key = 0;
  for (auto _ : state) {
    copy.copy_(picture);
    Draws draws(key++);
    const std::vector<double> values = parameters_at(mutator.parameters, /*severity=*/3, side, draws);
    benchmark::DoNotOptimize(mutator.apply(image_of(copy), values, draws));
  }
  state.SetItemsProcessed(state.iterations());
}

/// 19 corruptions x 5 severities of 1,000 pictures of 32 x 32, a thread per core.
void sweep(benchmark::State& state, const MutatorRegistry& registry) {
  constexpr int kPictures = 1000;
  const Tensor picture = made_picture(3, 32);
  const CorruptionProfile& profile = corruption_profile("cifar10-c");
  for (auto _ : state) {
    std::vector<std::thread> threads;
    const int workers = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    for (int worker = 0; worker < workers; ++worker) {
      threads.emplace_back([&, worker] {
        for (int i = worker; i < kPictures; i += workers) {
          for (const Corruption& corruption : profile.corruptions) {
            const MutatorRegistry::Entry& mutator = registry.at(corruption.mutator);
            for (const std::vector<double>& values : corruption.severities) {
              Draws draws(static_cast<std::uint64_t>(i));
              benchmark::DoNotOptimize(rendered(mutator, values, picture, {}, draws));
            }
          }
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }
  state.SetItemsProcessed(state.iterations() * kPictures * 19 * kSeverities);
}

}  // namespace
}  // namespace faultline

int main(int argc, char** argv) {
  faultline::prepare_process();
  static faultline::Registries registries;
  faultline::register_builtin(registries);
  for (const auto& mutator : registries.mutators.entries()) {
    for (const auto& [channels, side] : {std::pair{1, 28}, std::pair{3, 32}, std::pair{3, 224}}) {
      benchmark::RegisterBenchmark((mutator.info.name + "/" + std::to_string(side)).c_str(), faultline::render, mutator,
                                   channels, side)
          ->Unit(benchmark::kMicrosecond)
          ->MinTime(0.1);
    }
  }
  benchmark::RegisterBenchmark("sweep/cifar10-c", faultline::sweep, registries.mutators)
      ->Unit(benchmark::kSecond)
      ->UseRealTime()
      ->Iterations(1);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
