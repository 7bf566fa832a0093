// What every command that runs a model opens: data, model, checks; and a run from there to its summary.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "faultline/cli/flags.h"
#include "faultline/core/registry.h"
#include "faultline/eval/filing.h"
#include "faultline/eval/model_check.h"
#include "faultline/eval/plan.h"
#include "faultline/eval/run.h"
#include "faultline/eval/sanity.h"
#include "faultline/eval/summary.h"
#include "faultline/targets/torchscript.h"

namespace faultline {

/// Data and model, opened and checked against each other.
struct Session {
  std::unique_ptr<Dataset> data{};
  // Shared with the targets of all workers.
  std::shared_ptr<const TorchScriptModel> model{};
  TargetFactory make_target{};
  ComparedModels compared{};  ///< What oracles ask.
  ModelPlan model_plan{};
  DataPlan data_plan{};
  ModelFacts facts{};
  SanityReport sanity{};  ///< Of the model, as far as it was looked at.
};

/// Opens the model alone, or a twin of it. Throws Error (kUsage).
[[nodiscard]] std::shared_ptr<const TorchScriptModel> open_model(const ModelFlags& flags,
                                                                 std::optional<Twin> twin = std::nullopt);

/// Hashes the file and reads what goes with it. Throws Error (kUsage).
[[nodiscard]] ModelPlan plan_model(const ModelFlags& flags);

/// Workers as --workers says, or one per core.
[[nodiscard]] int worker_count(int flag);

/// Makes plain targets over the model, with the plan's normalisation inside, that give up once `stop` is set.
[[nodiscard]] TargetFactory target_factory(std::shared_ptr<const TorchScriptModel> model, const ModelPlan& plan,
                                           const std::atomic<bool>& stop);

/// The first samples of the data, at most the floor batch, on the model's device.
[[nodiscard]] Batch first_samples(const Session& session);

/// Opens both and examines the model on the first samples. Throws Error with what has to be mended.
[[nodiscard]] Session open_session(const ModelFlags& model, const DataFlags& data, const Registries& registries,
                                   const std::atomic<bool>& stop);

/// Throws Error (kUsage) when the model lacks the goal's class, or gives no gradient although an attack needs one, and
/// Error (kNothingRan) when all samples are of the goal's class; adds a warning when gradients are zero or not finite.
/// To be called before anything is written.
void check_attacks(Session& session, const Goal& goal, const std::vector<ConfiguredAttack>& attacks);

/// Opens the models of --against, around which the session's preprocessing stands too, and the twins that oracles ask;
/// returns the models' SHA-256. Throws Error (kUsage) when an oracle needs other models and there are none, or the
/// other way round, or when a twin does not run.
[[nodiscard]] std::vector<std::string> open_compared(Session& session, const ModelFlags& model,
                                                     const std::vector<std::string>& against,
                                                     const std::vector<ConfiguredOracle>& oracles,
                                                     const std::atomic<bool>& stop);

/// Makes twins of the model of these flags; each is opened when it is first asked for.
[[nodiscard]] std::function<std::unique_ptr<Target>(Twin)> twin_factory(const ModelFlags& flags, const ModelPlan& plan,
                                                                        const std::atomic<bool>& stop);

/// The largest epsilon that makes sense for the session's samples.
[[nodiscard]] double largest_epsilon(const Session& session, Norm norm);

struct FinishedRun {
  Summary summary{};
  RunResult result{};
  FilingFigures filed{};
};

/// Where a run leaves what it finds; null: nowhere.
struct RunOutputs {
  RunDirectory* directory = nullptr;
  Filing* filing = nullptr;
  bool resumable = true;  ///< Whether the command has --out and --resume.
  /// Sanity checks of the finished run.
  std::function<SanityReport(const RunResult&)> check{};
};

/// Runs the plan with progress on stderr. Throws Error (kInterrupted) when the user stopped it.
[[nodiscard]] FinishedRun run_plan(const Plan& plan, const Session& session, std::vector<ConfiguredAttack> attacks,
                                   const RunFlags& flags, const RunOutputs& outputs, const std::atomic<bool>& stop);

/// What a run directory says of its run, and what must be the same when it is resumed.
struct RunIdentity {
  std::string plan_hash{};
  Json plan{};
  std::int64_t batch = 0;        ///< 0: results never depend on it.
  bool batch_dependent = false;  ///< Whether the model's rows depend on their batch.
};

/// Makes or resumes the run directory of --out; null without.
[[nodiscard]] std::unique_ptr<RunDirectory> open_run_directory(const RunFlags& flags, const RunIdentity& run);
[[nodiscard]] std::unique_ptr<RunDirectory> open_run_directory(const RunFlags& flags, const Plan& plan,
                                                               const Session& session);

/// Prints what stands in every summary: model, data, threat, accuracies, attacks, verification.
void print_summary(const Plan& plan, const Summary& summary);

}  // namespace faultline
