#include "faultline/cli/session.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <span>
#include <thread>

#include "faultline/cli/console.h"
#include "faultline/cli/progress.h"
#include "faultline/core/distance.h"
#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/core/verifier.h"
#include "faultline/data/json.h"
#include "faultline/data/sha256.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/eval/evidence.h"
#include "faultline/targets/device.h"
#include "faultline/targets/interruptible.h"
#include "faultline/targets/normalized.h"
#include "faultline/targets/padded.h"

namespace faultline {

namespace {

DataPlan open_data(Session& session, const DataFlags& flags, const Registries& registries) {
  DataPlan plan;
  plan.options = parse_data_options(flags);
  plan.source = flags.spec;
  session.data = registries.data.open(flags.spec, plan.options);
  plan.offset = flags.offset;
  plan.samples = selected(flags, session.data->size());
  plan.class_names = session.data->class_names();
  plan.sha256 = sha256_of(session.data->files(plan.offset, plan.samples));
  if (const std::string part = session.data->part(); !part.empty()) {
    const std::string identity = plan.sha256 + " " + part;  // other parts of the same files are other data
    plan.sha256 = sha256_of(std::as_bytes(std::span(identity)));
  }
  return plan;
}

/// Throws Error (kNothingRan) when every sample is of the class aimed at.
void refuse_goal_reached_by_all(const Session& session, const Goal& goal) {
  const DataPlan& data = session.data_plan;
  const auto labels = std::span(session.data->labels())
                          .subspan(static_cast<std::size_t>(data.offset), static_cast<std::size_t>(data.samples));
  if (goal.kind == Goal::Kind::kClass &&
      std::ranges::all_of(labels, [&](std::int64_t label) { return label == goal.target; })) {
    throw Error{ErrorCode::kNothingRan, "nothing to do: --targeted " + goal_text(goal) + ": all of the " +
                                            std::to_string(data.samples) +
                                            " samples are of that class already; aim at another class"};
  }
}

}  // namespace

Batch first_samples(const Session& session) {
  const std::int64_t count = std::min(kFloorBatch, session.data_plan.samples);
  Batch batch = read_batch(*session.data, session.data_plan.offset, count, session.data_plan.options.bounds);
  batch.inputs = batch.inputs.to(session.model->device());
  batch.labels = batch.labels.to(session.model->device());
  return batch;
}

int worker_count(int flag) {
  return flag > 0 ? flag : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

ModelPlan plan_model(const ModelFlags& flags) {
  ModelPlan plan{.path = flags.path, .sha256 = sha256_of(flags.path), .binary = flags.binary};
  if (!flags.output.empty()) {
    plan.output = flags.output;
  }
  if (!flags.mean.empty()) {
    plan.mean = parse_numbers(flags.mean, "--mean");
  }
  if (!flags.std.empty()) {
    plan.std = parse_numbers(flags.std, "--std");
  }
  // One without the other: the other does nothing.
  if (flags.mean.empty()) {
    plan.mean.assign(plan.std.size(), 0);
  }
  if (flags.std.empty()) {
    plan.std.assign(plan.mean.size(), 1);
  }
  return plan;
}

std::shared_ptr<const TorchScriptModel> open_model(const ModelFlags& flags, std::optional<Twin> twin) {
  TorchScriptOptions options{.binary = flags.binary, .device = parse_device(flags.device)};
  if (twin == Twin::kFloat64 || twin == Twin::kBfloat16) {
    options.precision = twin == Twin::kFloat64 ? at::kDouble : at::kBFloat16;
  }
  if (!flags.output.empty()) {
    options.output = flags.output;
  }
  return TorchScriptModel::load(flags.path, options);
}

TargetFactory target_factory(std::shared_ptr<const TorchScriptModel> model, const ModelPlan& plan,
                             const std::atomic<bool>& stop) {
  return [model = std::move(model), plan, &stop]() -> std::unique_ptr<Target> {
    std::unique_ptr<Target> target = std::make_unique<TorchScriptTarget>(model);
    if (!plan.mean.empty()) {
      target = std::make_unique<NormalizedTarget>(std::move(target), plan.mean, plan.std);
    }
    return std::make_unique<InterruptibleTarget>(std::move(target), stop);
  };
}

Session open_session(const ModelFlags& model, const DataFlags& data, const Registries& registries,
                     const std::atomic<bool>& stop) {
  Session session;
  session.data_plan = open_data(session, data, registries);
  session.model = open_model(model);
  session.model_plan = plan_model(model);
  session.make_target = target_factory(session.model, session.model_plan, stop);

  TargetStack target(session.make_target);
  const Batch first = first_samples(session);
  session.facts = examine(target.padded(), first);
  check_labels(session.data->labels(), session.facts.classes);
  (void)judge_clean(target.padded(), first);  // refuses outputs that are not finite
  session.sanity.checks = {"not-deterministic", "train-mode", "probabilities", "dynamic-defence"};
  if (session.facts.repeatable) {  // else it cannot be told
    session.sanity.checks.emplace_back("batch-dependent");
  }
  if (session.model->computes_gradients()) {
    session.sanity.warnings.push_back(
        {"dynamic-defence",
         "the model computes gradients while it answers, a defence that optimises at inference: attacks see a moving "
         "target, and robust accuracy may be too high; attack the model without that part too"});
  }
  if (session.model->saved_in_train_mode()) {
    session.sanity.warnings.push_back(
        {"train-mode", "the model was saved in training mode; it is run in evaluation mode"});
  }
  for (Warning& warning : warnings_of(session.facts)) {
    session.sanity.warnings.push_back(std::move(warning));
  }
  return session;
}

void check_attacks(Session& session, const Goal& goal, const std::vector<ConfiguredAttack>& attacks) {
  if (goal.kind == Goal::Kind::kClass && goal.target >= session.facts.classes) {
    throw Error{ErrorCode::kUsage, "--targeted: class " + std::to_string(goal.target) +
                                       " does not exist; the model has the classes 0.." +
                                       std::to_string(session.facts.classes - 1)};
  }
  refuse_goal_reached_by_all(session, goal);
  const bool needs_gradient =
      std::ranges::any_of(attacks, [](const ConfiguredAttack& a) { return a.knowledge == Knowledge::kGradients; });
  for (const ConfiguredAttack& attack : attacks) {
    if (attack.transforms()) {
      (void)attack.space(session.data->sample_shape());  // refuses what is no image
      for (const std::string& caution : attack.cautions(session.data->sample_shape())) {
        session.sanity.warnings.push_back({"label-validity", caution});
      }
    }
  }
  TargetStack target(session.make_target);
  if (needs_gradient) {
    const Batch first = first_samples(session);
    session.sanity.checks.insert(session.sanity.checks.end(), {"zero-gradient", "non-finite-gradient"});
    for (Warning& warning : warnings_of(examine_gradient(target.padded(), first), first.size())) {
      session.sanity.warnings.push_back(std::move(warning));
    }
  }
}

std::function<std::unique_ptr<Target>(Twin)> twin_factory(const ModelFlags& flags, const ModelPlan& plan,
                                                          const std::atomic<bool>& stop) {
  struct Opened {
    std::mutex mutex{};
    std::map<Twin, TargetFactory> makers{};
  };
  // Shared by the copies of the function.
  return [flags, plan, &stop, opened = std::make_shared<Opened>()](Twin twin) {
    const std::lock_guard lock(opened->mutex);
    TargetFactory& maker = opened->makers[twin];
    if (!maker) {
      ModelFlags twin_flags = flags;
      twin_flags.device = twin == Twin::kCuda ? "cuda" : flags.device;
      maker = target_factory(open_model(twin_flags, twin), plan, stop);
    }
    return maker();
  };
}

namespace {

/// Throws Error (kUsage) when a twin that an oracle asks does not run on the first samples.
void check_twins(Session& session, const std::vector<ConfiguredOracle>& oracles) {
  for (const ConfiguredOracle& oracle : oracles) {
    if (oracle.info.twin) {
      try {
        const std::unique_ptr<Target> twin = session.compared.twin(*oracle.info.twin);
        (void)PaddedTarget(*twin).logits(first_samples(session).inputs);
      } catch (const Error& error) {
        throw Error{error.code(), "--oracle " + oracle.text() + ": " + error.what()};
      }
    }
  }
}

/// Opens one model of --against; returns its SHA-256.
std::string open_other(Session& session, const ModelFlags& model, const std::string& path,
                       const std::atomic<bool>& stop) {
  ModelFlags flags = model;
  flags.path = path;
  const ModelPlan plan = plan_model(flags);
  session.compared.others.push_back(target_factory(open_model(flags), plan, stop));
  TargetStack other(session.compared.others.back());
  const std::int64_t classes = examine(other.padded(), first_samples(session)).classes;
  if (classes != session.facts.classes) {
    throw Error{ErrorCode::kUsage, "--against " + path + ": the model has " + std::to_string(classes) +
                                       " classes, the other one " + std::to_string(session.facts.classes)};
  }
  return plan.sha256;
}

}  // namespace

std::vector<std::string> open_compared(Session& session, const ModelFlags& model,
                                       const std::vector<std::string>& against,
                                       const std::vector<ConfiguredOracle>& oracles, const std::atomic<bool>& stop) {
  session.compared.twin = twin_factory(model, session.model_plan, stop);
  check_twins(session, oracles);
  const auto needing =
      std::ranges::find_if(oracles, [](const ConfiguredOracle& oracle) { return oracle.info.needs_others; });
  if (needing != oracles.end() && against.empty()) {
    throw Error{ErrorCode::kUsage,
                "--oracle " + needing->info.name + " needs --against MODEL, a model to compare with"};
  }
  if (needing == oracles.end() && !against.empty()) {
    throw Error{ErrorCode::kUsage, "--against: no oracle compares with another model; add --oracle disagreement"};
  }
  std::vector<std::string> hashes;
  for (const std::string& path : against) {
    hashes.push_back(open_other(session, model, path, stop));
  }
  return hashes;
}

double largest_epsilon(const Session& session, Norm norm) {
  double elements = 1;
  for (const std::int64_t length : session.data->sample_shape()) {
    elements *= static_cast<double>(length);
  }
  const Bounds& bounds = session.data_plan.options.bounds;
  return largest_distance(norm, bounds.upper - bounds.lower, elements);
}

std::unique_ptr<RunDirectory> open_run_directory(const RunFlags& flags, const RunIdentity& run) {
  if (flags.out.empty()) {
    if (flags.resume) {
      throw Error{ErrorCode::kUsage, "--resume needs --out DIR, the directory of the run to continue"};
    }
    return nullptr;
  }
  const Json header{{"schema", "faultline.run/1"},
                    {"plan_hash", run.plan_hash},
                    {"plan", run.plan},
                    {"batch", run.batch},
                    {"batch_dependent", run.batch_dependent},
                    {"evidence", evidence_json()}};
  return std::make_unique<RunDirectory>(flags.resume ? RunDirectory::resume(flags.out, header)
                                                     : RunDirectory::create(flags.out, header));
}

std::unique_ptr<RunDirectory> open_run_directory(const RunFlags& flags, const Plan& plan, const Session& session) {
  return open_run_directory(flags, {.plan_hash = plan_hash(plan),
                                    .plan = plan_json(plan),
                                    .batch = batch_size(flags, session.data->sample_shape(), plan.data.samples),
                                    .batch_dependent = !session.facts.row_independent});
}

namespace {

Error interrupted(const RunResult& result, const Plan& plan, const RunOutputs& outputs) {
  const std::string advice = outputs.directory != nullptr ? "; continue with the same command and --resume"
                             : outputs.resumable          ? "; with --out DIR a run can be resumed"
                                                          : "";
  return Error{ErrorCode::kInterrupted, "interrupted after " + std::to_string(result.rows.size()) + " of " +
                                            std::to_string(plan.data.samples) + " samples" + advice};
}

}  // namespace

FinishedRun run_plan(const Plan& plan, const Session& session, std::vector<ConfiguredAttack> attacks,
                     const RunFlags& flags, const RunOutputs& outputs, const std::atomic<bool>& stop) {
  SanityReport sanity = session.sanity;
  print_warnings(sanity.warnings);
  FinishedRun run;
  std::function<void(const Chunk&, const ChunkResult&)> finished;
  if (outputs.filing != nullptr) {
    finished = [&](const Chunk& chunk, const ChunkResult& result) {
      outputs.filing->add(chunk.first, chunk.count, findings_of(result, plan, outputs.filing->setup()));
    };
  }
  {
    ProgressLine line(plan.command);
    run.result = execute(plan, {.data = *session.data,
                                .attacks = std::move(attacks),
                                .make_target = session.make_target,
                                .compared = session.compared,
                                .stop = stop,
                                .workers = worker_count(flags.workers),
                                .batch = batch_size(flags, session.data->sample_shape(), plan.data.samples),
                                .device = session.model->device(),
                                .directory = outputs.directory,
                                .finished = finished,
                                .progress = [&](const Progress& progress) { line.update(progress); }});
  }
  if (outputs.filing != nullptr) {
    if (outputs.directory == nullptr) {
      outputs.filing->file_waiting();
    }
    run.filed = outputs.filing->figures();
  }
  if (run.result.interrupted) {
    throw interrupted(run.result, plan, outputs);
  }
  const std::size_t before = sanity.warnings.size();
  if (outputs.check) {
    try {
      add(sanity, outputs.check(run.result));
    } catch (const Error& error) {
      throw error.code() == ErrorCode::kInterrupted ? interrupted(run.result, plan, outputs) : error;
    }
  }
  run.summary = summarise(plan, run.result, std::move(sanity));
  print_warnings({run.summary.warnings.begin() + static_cast<std::ptrdiff_t>(before), run.summary.warnings.end()});
  if (outputs.directory != nullptr) {
    outputs.directory->write("summary.json", json_text(summary_json(plan, run.summary)));
  }
  return run;
}

namespace {

/// What --oracle said; empty: nothing.
std::string oracle_text(const Plan& plan) {
  for (const AttackPlan& attack : plan.attacks) {
    const auto oracle = std::ranges::find(attack.options, "oracle", &OptionInfo::name);
    if (oracle != attack.options.end()) {
      return oracle->value;
    }
  }
  return {};
}

std::string threat_text(const Plan& plan) {
  if (!plan.has_budget()) {
    return plan.curve ? "transforms, over " + plan.curve->over->name : "transforms";
  }
  const std::string norm(name_of(*plan.norm));
  const std::string more = std::ranges::any_of(plan.attacks, &AttackPlan::transforms) ? " (not of transforms)" : "";
  return plan.curve ? norm : norm + ", epsilon " + three_digits(plan.epsilon) + more;
}

}  // namespace

void print_summary(const Plan& plan, const Summary& summary) {
  const double samples = static_cast<double>(std::max<std::int64_t>(1, summary.samples));
  const std::string goal =
      plan.goal.kind == Goal::Kind::kUntargeted ? "untargeted" : "targeted: " + goal_text(plan.goal);
  std::string text = bold("model  ") + plan.model.path + "\n" + bold("data   ") + plan.data.source + ", " +
                     std::to_string(summary.samples) + " samples\n" + bold("threat ") + threat_text(plan) + ", " +
                     goal + "\n";
  if (plan.preset) {
    text += bold("preset ") + plan.preset->name + ", version " + std::to_string(plan.preset->version) + "\n";
  }
  if (const std::string oracle = oracle_text(plan); !oracle.empty()) {
    text += bold("failure") + " " + oracle + " (of transforms)\n";
  }
  text += "\n";
  text +=
      "clean accuracy   " + percent(summary.clean_accuracy) + ", " + std::to_string(summary.clean_errors) + " errors\n";
  if (!plan.curve) {
    text += "robust accuracy  " + percent(summary.robust_accuracy) + ", " + std::to_string(summary.adversarial_errors) +
            " errors, the clean ones included\n";
  }
  if (summary.not_attempted > 0) {
    text += std::to_string(summary.not_attempted) + " samples not attempted: already of class " + goal_text(plan.goal) +
            "; they count as right\n";
  }
  std::vector<std::vector<std::string>> rows{
      {"attack", plan.curve ? "probes" : "attempted", "found", "forwards/sample", "backwards/sample", "core-seconds"}};
  for (std::size_t i = 0; i < summary.attacks.size(); ++i) {
    const AttackFigures& attack = summary.attacks[i];
    rows.push_back({plan.attacks[i].spec, std::to_string(attack.attempted), std::to_string(attack.found),
                    three_digits(static_cast<double>(attack.cost.meter.forwards) / samples),
                    three_digits(static_cast<double>(attack.cost.meter.backwards) / samples),
                    three_digits(attack.cost.seconds)});
  }
  text += "\n" + table(rows) + "\nverified: " + std::to_string(summary.accepted) + " of " +
          std::to_string(summary.accepted + summary.near_ties + summary.rejected) + " claims accepted, " +
          std::to_string(summary.near_ties) + " near ties, " + std::to_string(summary.rejected) + " rejected\n";
  if (summary.eight_bits_of > 0) {
    text += "8 bits:   " + std::to_string(summary.eight_bits) + " of " + std::to_string(summary.eight_bits_of) +
            " witnesses still fail when they are rounded to 8 bits\n";
  }
  if (summary.clean_near_ties > 0) {
    text += std::to_string(summary.clean_near_ties) + " clean samples are near ties; they count as right\n";
  }
  print(text);
}

}  // namespace faultline
