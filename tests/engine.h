// The engine on the real models and data of tests/data, without the command line.
//
//   Engine engine("mnist_wk17a.pt");
//   Summary summary = engine.summary(engine.plan({"fgsm"}, Norm::kLinf, 0.1, /*samples=*/100));
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "faultline/core/registry.h"
#include "faultline/eval/plan.h"
#include "faultline/eval/run.h"
#include "faultline/eval/summary.h"

namespace faultline {

/// The registries of the program.
[[nodiscard]] const Registries& builtin_registries();

/// How a run is carried out; results do not depend on it.
struct Execution {
  int workers = 2;
  std::int64_t batch = 100;
};

/// A model of tests/data with the samples that belong to it: MNIST, or the hundred CIFAR-10 images.
class Engine {
 public:
  explicit Engine(const std::string& model_file);

  /// A plan of `attack` on the first samples, untargeted, seed 0. `attacks` as the user writes them.
  [[nodiscard]] Plan plan(const std::vector<std::string>& attacks, Norm norm, double epsilon,
                          std::int64_t samples) const;

  /// A plan of `curve` up to `epsilon_max`.
  [[nodiscard]] Plan curve_plan(const std::vector<std::string>& attacks, Norm norm, double epsilon_max,
                                std::int64_t samples) const;

  [[nodiscard]] RunResult run(const Plan& plan, const Execution& execution = {}) const;

  [[nodiscard]] Summary summary(const Plan& plan, const Execution& execution = {}) const {
    return summarise(plan, run(plan, execution), {});
  }

  [[nodiscard]] const Dataset& data() const { return *data_; }

  /// Plain targets over the one loaded module.
  [[nodiscard]] const TargetFactory& make_target() const { return make_target_; }

  /// The first `count` samples that the model gets right by more than tau.
  [[nodiscard]] Batch right_samples(std::int64_t count) const;

 private:
  std::unique_ptr<Dataset> data_;
  TargetFactory make_target_;
};

/// The attacks of a plan, ready to run.
[[nodiscard]] std::vector<ConfiguredAttack> configured(const Plan& plan);

/// Sets a plan's attacks from what the user would write.
void set_attacks(Plan& plan, const std::vector<std::string>& specs);

/// The rows of a batch whose clean margin is above tau.
[[nodiscard]] Batch right_rows(const TargetFactory& make_target, const Batch& batch);

/// A file of tests/data.
[[nodiscard]] std::filesystem::path test_data(const std::string& file);

/// The data of a model of tests/data, as the user writes it after --data.
[[nodiscard]] std::string data_spec(const std::string& model_file);

}  // namespace faultline
