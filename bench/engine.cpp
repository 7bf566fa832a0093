// Gradients per second of `pgd` through the whole engine, beside a bare LibTorch loop and a large matrix product.
//
//   build/release/bench/engine --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true
//
// Every benchmark runs on the CPU with 2 workers x 1 thread, seed 0 and 40 steps. The engine's figure holds everything
// between opening the data and the summary: reading, clean pass, attack, verification. Compare ratios within one run
// only.
#include <atomic>
#include <thread>

#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>
#include <torch/csrc/autograd/autograd.h>

#include "faultline/cli/run.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/eval/process.h"
#include "faultline/eval/run.h"
#include "faultline/eval/runner.h"
#include "faultline/targets/torchscript.h"

namespace faultline {
namespace {

constexpr int kWorkers = 2;
constexpr int kSteps = 40;

/// One model with its samples. Epsilon is so small that hardly any sample is found: both loops then do the same work.
struct Case {
  const char* name;
  const char* model;
  const char* data;
  std::int64_t samples;
  std::int64_t batch;
  double epsilon;
};

const Case kCases[] = {
    {"mlp", "mnist_lpd_mlp_b_0.1.pt", "mnist", 10000, 500, 0.001},
    {"wk17a", "mnist_wk17a.pt", "mnist", 1000, 250, 0.001},
    {"resnet20", "cifar10_resnet20.pt", "cifar", 100, 50, 1e-5},
};

std::string data_path(const char* name) { return std::string(FAULTLINE_BENCH_DATA) + "/" + name; }

struct Loaded {
  std::unique_ptr<Dataset> data;
  std::shared_ptr<const TorchScriptModel> model;
};

Loaded load(const Case& c, const Registries& registries) {
  const std::string spec = std::string(c.data) == "mnist" ? "mnist:" FAULTLINE_BENCH_DATA
                                                          : "npy:" + data_path("cifar10_test100_images_u8.npy") + "," +
                                                                data_path("cifar10_test100_labels_i64.npy");
  return {registries.data.open(spec, {}), TorchScriptModel::load(data_path(c.model), {})};
}

void report(benchmark::State& state, std::int64_t gradients) {
  state.counters["gradients/s"] = benchmark::Counter(static_cast<double>(gradients), benchmark::Counter::kIsRate);
}

void engine(benchmark::State& state, const Case& c, const Registries& registries) {
  const Loaded loaded = load(c, registries);
  const std::string spec = "pgd:steps=" + std::to_string(kSteps) + ",relative-step=0.1,start=clean,loss=ce";
  const ConfiguredAttack attack = parse_attack(spec, registries.attacks);
  Plan plan{.command = "attack", .norm = Norm::kLinf, .epsilon = c.epsilon};
  plan.data.samples = c.samples;
  plan.attacks = plan_attacks({attack});
  const std::atomic<bool> stop{false};
  std::int64_t gradients = 0;
  for ([[maybe_unused]] const auto _ : state) {
    const RunResult result =
        execute(plan, {.data = *loaded.data,
                       .attacks = {attack},
                       .make_target = [&] { return std::make_unique<TorchScriptTarget>(loaded.model); },
                       .stop = stop,
                       .workers = kWorkers,
                       .batch = c.batch});
    gradients += result.costs.front().meter.backwards;
  }
  report(state, gradients);
}

/// Forward, gradient of the summed cross-entropy, sign step, clamp: nothing else.
void bare_steps(const TorchScriptModel& model, const Tensor& clean, const Tensor& labels, double epsilon) {
  const Tensor lower = (clean - epsilon).clamp_min_(0);
  const Tensor upper = (clean + epsilon).clamp_max_(1);
  Tensor x = clean.clone();
  for (int step = 0; step < kSteps; ++step) {
    const at::AutoGradMode grad(true);
    const Tensor leaf = x.detach().requires_grad_(true);
    const Tensor loss = at::cross_entropy_loss(model.forward(leaf), labels, {}, at::Reduction::Sum);
    const Tensor gradient = torch::autograd::grad({loss}, {leaf})[0];
    const at::NoGradGuard no_grad;
    x = (x + 0.1 * epsilon * gradient.sign()).maximum(lower).minimum(upper);
  }
  benchmark::DoNotOptimize(x);
}

void bare(benchmark::State& state, const Case& c, const Registries& registries) {
  const Loaded loaded = load(c, registries);
  const Batch all = read_batch(*loaded.data, 0, c.samples, Bounds{});
  const std::vector<Chunk> chunks = chunks_of(0, c.samples, c.batch);
  const std::atomic<bool> stop{false};
  std::int64_t gradients = 0;
  for ([[maybe_unused]] const auto _ : state) {
    run_chunks(chunks, kWorkers, stop, [&](int, const Chunk& chunk) {
      bare_steps(*loaded.model, all.inputs.narrow(0, chunk.first, chunk.count),
                 all.labels.narrow(0, chunk.first, chunk.count), c.epsilon);
    });
    gradients += c.samples * kSteps;
  }
  report(state, gradients);
}

/// One sample through PGD-40 on the MLP: `engine` pads it to the floor batch, the bare loop runs it as it is.
void one_sample_pgd(benchmark::State& state, const Case& c, const Registries& registries) {
  const Loaded loaded = load(c, registries);
  const Batch batch = read_batch(*loaded.data, 0, 1, Bounds{});
  const ThreatModel threat = uniform_threat(Norm::kLinf, c.epsilon, batch, Bounds{});
  const ConfiguredAttack attack =
      parse_attack("pgd:steps=40,relative-step=0.1,start=clean,loss=ce", registries.attacks);
  TargetStack target([&] { return std::make_unique<TorchScriptTarget>(loaded.model); });
  for ([[maybe_unused]] const auto _ : state) {
    MeteredTarget metered(target.padded());
    benchmark::DoNotOptimize(attack.run(metered, batch, threat, Rng(0)));
  }
  report(state, static_cast<std::int64_t>(state.iterations()) * kSteps);
}

/// The bare loop on one sample, repeated to `rows` rows.
void one_sample_bare(benchmark::State& state, const Case& c, const Registries& registries, std::int64_t rows) {
  const Loaded loaded = load(c, registries);
  const Batch batch = select(read_batch(*loaded.data, 0, 1, Bounds{}), at::zeros({rows}, at::kLong));
  for ([[maybe_unused]] const auto _ : state) {
    bare_steps(*loaded.model, batch.inputs, batch.labels, c.epsilon);
  }
  report(state, static_cast<std::int64_t>(state.iterations()) * kSteps);
}

/// The limit: what a large product reaches on the same cores.
void matrix_product(benchmark::State& state) {
  constexpr std::int64_t kSize = 2048;
  std::vector<Tensor> factors;
  for (int worker = 0; worker < kWorkers; ++worker) {
    factors.push_back(at::rand({kSize, kSize}));
  }
  double operations = 0;
  for ([[maybe_unused]] const auto _ : state) {
    std::vector<std::jthread> threads;
    for (const Tensor& factor : factors) {
      threads.emplace_back([&factor] {
        at::set_num_threads(1);
        benchmark::DoNotOptimize(factor.matmul(factor));
      });
    }
    threads.clear();
    operations += kWorkers * 2.0 * kSize * kSize * kSize;
  }
  state.counters["FLOP/s"] = benchmark::Counter(operations, benchmark::Counter::kIsRate);
}

}  // namespace
}  // namespace faultline

int main(int argc, char** argv) {
  faultline::prepare_process();
  faultline::Registries registries;
  faultline::register_builtin(registries);
  for (const faultline::Case& c : faultline::kCases) {
    const std::string name = c.name;
    for (const auto& [kind, run] : {std::pair{"/engine", &faultline::engine}, std::pair{"/bare", &faultline::bare}}) {
      benchmark::RegisterBenchmark((name + kind).c_str(), run, c, registries)
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
  const faultline::Case& mlp = faultline::kCases[0];
  benchmark::RegisterBenchmark("mlp/one-sample/pgd", &faultline::one_sample_pgd, mlp, registries)
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
  for (const auto& [name, rows] : {std::pair{"mlp/one-sample/bare", std::int64_t{1}},
                                   std::pair{"mlp/one-sample/bare-floor-batch", faultline::kFloorBatch}}) {
    benchmark::RegisterBenchmark(name, &faultline::one_sample_bare, mlp, registries, rows)
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  }
  benchmark::RegisterBenchmark("matrix-product", &faultline::matrix_product)
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
