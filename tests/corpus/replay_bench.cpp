#include "corpus/replay_bench.h"

#include <atomic>

#include "engine.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/targets/torchscript.h"

namespace faultline {

namespace {

constexpr double kCleanMean = 0.35;
constexpr double kWitnessMean = 0.41;

/// Different for every number, without moving the mean.
Tensor pattern(std::int64_t number) {
  const double size = 0.0001 * static_cast<double>(number + 1);
  return at::tensor({size, -size, size, -size}, at::kFloat).view({2, 2});
}

}  // namespace

void ReplayBench::file_findings(std::int64_t count) {
  std::vector<NewFinding> findings;
  for (std::int64_t number = 0; number < count; ++number) {
    Discovery discovery = numbered_discovery(number);
    discovery.classes = 2;
    discovery.prediction = 1;
    findings.push_back({make_finding({.label = 0, .budget = Budget{Norm::kLinf, 0.1}}, kCleanMean + pattern(number),
                                     kWitnessMean + pattern(number)),
                        discovery});
  }
  corpus_.file(findings);
}

TargetFactory ReplayBench::model(const std::string& source, const std::vector<ModelParameter>& parameters) const {
  static std::atomic<int> number{0};
  const std::filesystem::path path = folder_.path() / ("model" + std::to_string(number++) + ".pt");
  write_model(path, source, parameters);
  return [loaded = TorchScriptModel::load(path, {})] { return std::make_unique<TorchScriptTarget>(loaded); };
}

TargetFactory ReplayBench::threshold_model(double threshold) const {
  // 10 (mean - threshold), and a zero; takes exactly four numbers.
  const Tensor weight = at::tensor({0.0, 2.5}, at::kFloat).repeat({4, 1});
  const Tensor bias = at::tensor({0.0, -10 * threshold}, at::kFloat);
  return model("def forward(self, x: Tensor) -> Tensor:\n  return torch.matmul(torch.flatten(x, 1), self.w) + self.b\n",
               {{"w", weight}, {"b", bias}});
}

TargetFactory ReplayBench::moving_model(const std::string& threshold) const {
  return model("def forward(self, x: Tensor) -> Tensor:\n  m = 10 * (torch.flatten(x, 1).mean(1) - (" + threshold +
               "))\n  return torch.stack([torch.zeros_like(m), m], 1)\n");
}

ReplayResult ReplayBench::replayed(const TargetFactory& model, const ReplayOptions& options) const {
  const std::atomic<bool> never_stopped{false};
  ReplaySetup setup{.make_target = model, .stop = never_stopped, .line = options.line, .model = "second"};
  if (options.strengthen) {
    setup.strengthen = parse_attack("pgd:steps=20,loss=margin", builtin_registries().attacks);
  }
  setup.workers = options.workers;
  setup.batch = options.batch;
  return replay(corpus_, setup);
}

VerdictCounts ReplayBench::verdicts(const TargetFactory& model, const ReplayOptions& options) const {
  return counted(replayed(model, options));
}

std::size_t ReplayBench::update(const TargetFactory& model, const std::string& line) {
  const EventFile events = events_of(replayed(model, {.line = line}), line, "second");
  corpus_.record(events);
  return events.events.size();
}

void ReplayBench::accept_all(const std::string& until) {
  const States states(corpus_.events([](const std::string&) {}), "main");
  EventFile file = event_file({});
  for (const std::string& id : corpus_.ids()) {
    const LineState* state = states.of(id);
    file.events.push_back({.finding = id,
                           .state = State::kAccepted,
                           .until = until,
                           .reason = "known",
                           .after = state == nullptr ? std::vector<std::string>{} : state->heads});
  }
  corpus_.record(file);
}

VerdictCounts counted(const ReplayResult& result) {
  const auto counts = counts_of(result);
  return {counts.begin(), counts.end()};
}

}  // namespace faultline
