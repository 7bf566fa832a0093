#include <CLI/CLI.hpp>

#include <algorithm>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/progress.h"
#include "faultline/cli/session.h"
#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/core/verifier.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/eval/document.h"
#include "faultline/eval/evidence.h"
#include "faultline/eval/runner.h"
#include "faultline/eval/selftest.h"

namespace faultline {

namespace {

constexpr std::int64_t kUsualSamples = 50;
constexpr double kPass = 0.95;        // of the paper
constexpr std::int64_t kEnough = 20;  // planted points; of fewer, a pass says little

struct SelftestFlags {
  ModelFlags model{};
  DataFlags data{};
  std::string norm{};
  std::string epsilon{};
  std::vector<std::string> attacks{};
  std::string preset{};
  RunFlags run{};
};

struct Counts {
  std::int64_t found = 0;
  std::int64_t missed = 0;
  std::int64_t none = 0;
  std::int64_t at_random = 0;  ///< Planted, and random points were enough.
  std::int64_t wrong = 0;      ///< Samples that the model gets wrong from the beginning.

  [[nodiscard]] std::int64_t planted() const { return found + missed; }
  [[nodiscard]] bool enough() const { return planted() >= kEnough; }
  [[nodiscard]] bool passed() const { return static_cast<double>(found) >= kPass * static_cast<double>(planted()); }
};

Counts run(const Session& session, const SelftestFlags& flags, const Norm norm, double epsilon,
           const std::vector<ConfiguredAttack>& attacks, const std::atomic<bool>& stop) {
  const DataPlan& data = session.data_plan;
  std::vector<std::optional<SelftestResult>> outcomes(static_cast<std::size_t>(data.samples));
  std::atomic<std::int64_t> done = 0;
  run_chunks(
      chunks_of(data.offset, data.samples, 1), worker_count(flags.run.workers), stop, [&](int, const Chunk& chunk) {
        Batch sample = read_batch(*session.data, chunk.first, 1, data.options.bounds);
        sample.inputs = sample.inputs.to(session.model->device());
        sample.labels = sample.labels.to(session.model->device());
        TargetStack target(session.make_target);
        const CleanVerdict clean = judge_clean(target.padded(), sample).front();
        if (clean.right) {
          const ThreatModel threat = uniform_threat(norm, epsilon, sample, data.options.bounds);
          outcomes[static_cast<std::size_t>(chunk.first - data.offset)] =
              selftest_sample(session.make_target, sample, threat, attacks, Rng(flags.run.seed).derived("selftest"));
        }
        ++done;
      });
  if (done < data.samples) {
    throw Error{ErrorCode::kInterrupted,
                "interrupted after " + std::to_string(done) + " of " + std::to_string(data.samples) + " samples"};
  }
  Counts counts;
  using Planted = SelftestResult::Planted;
  for (const std::optional<SelftestResult>& outcome : outcomes) {
    counts.wrong += outcome ? 0 : 1;
    counts.found += outcome && outcome->planted == Planted::kFound ? 1 : 0;
    counts.missed += outcome && outcome->planted == Planted::kMissed ? 1 : 0;
    counts.none += outcome && outcome->planted == Planted::kNone ? 1 : 0;
    counts.at_random += outcome && outcome->found_at_random ? 1 : 0;
  }
  return counts;
}

Json document(const Session& session, const SelftestFlags& flags, Norm norm, double epsilon, const Ensemble& ensemble,
              const Counts& counts) {
  Json json{{"schema", "faultline.selftest/1"}, {"faultline", version()}};
  json["model"] = model_fields(session.model_plan);
  json["data"] = data_fields(session.data_plan);
  json["seed"] = flags.run.seed;
  json["threat"] = {{"norm", name_of(norm)}, {"epsilon", epsilon}};
  json["preset"] = preset_json(ensemble.preset);
  json["attacks"] = Json::array();
  for (const ConfiguredAttack& attack : ensemble.attacks) {
    json["attacks"].push_back(attack.spec);
  }
  json["samples"] = session.data_plan.samples;
  json["planted"] = counts.planted();
  json["found"] = counts.found;
  json["share"] = interval_json(wilson(counts.found, counts.planted()));
  json["found_at_random"] = counts.at_random;
  json["not_separable"] = counts.none;
  json["clean_errors"] = counts.wrong;
  json["passed"] = counts.enough() ? Json(counts.passed()) : Json();
  json["warnings"] = warnings_json(session.sanity.warnings);
  return json;
}

/// Verdict and figures for a reader.
std::string text_of(const Counts& counts) {
  const std::string found = std::to_string(counts.found) + " of " + std::to_string(counts.planted()) +
                            " planted adversarial examples found, " + percent(wilson(counts.found, counts.planted()));
  std::string text;
  if (!counts.enough()) {
    text = bold("INCONCLUSIVE  ") + found + "; a verdict needs " + std::to_string(kEnough) +
           " of them: raise --limit or --epsilon\n";
  } else {
    text = bold(counts.passed() ? "PASS  " : "FAIL  ") + found + "; 95 % are enough\n";
  }
  if (counts.enough() && !counts.passed()) {
    text += "      the attacks miss what is known to exist: robust accuracy by them means nothing here\n";
  }
  return text + "      " + std::to_string(counts.wrong) + " samples wrong on the clean input, " +
         std::to_string(counts.none) + " in which nothing could be planted; in " + std::to_string(counts.at_random) +
         " of those planted random points were enough\n";
}

int selftest(const SelftestFlags& flags, const CommandContext& context) {
  const std::optional<Norm> norm = parse_optional_norm(flags.norm);
  if (!norm || *norm == Norm::kL0) {
    throw Error{ErrorCode::kUsage, "--norm: a selftest needs one of linf, l2 and l1"};
  }
  const Ensemble ensemble = choose_ensemble({flags.attacks, flags.preset}, norm, Goal{}, context.registries);
  if (std::ranges::any_of(ensemble.attacks, &ConfiguredAttack::transforms)) {
    throw Error{ErrorCode::kUsage, "--attack: a selftest plants points inside a norm's budget; transforms have none"};
  }
  if (flags.epsilon.empty()) {
    throw Error{ErrorCode::kUsage, "--epsilon is required: the budget in input units, like 0.1 or 8/255"};
  }
  const double epsilon = parse_number(flags.epsilon, "--epsilon");
  DataFlags data = flags.data;
  data.limit = data.limit < 0 ? kUsualSamples : data.limit;
  Session session = open_session(flags.model, data, context.registries, context.stop);
  check_epsilon(epsilon, largest_epsilon(session, *norm), "--epsilon");
  check_attacks(session, Goal{}, ensemble.attacks);
  print_warnings(session.sanity.warnings);
  const Counts counts = run(session, flags, *norm, epsilon, ensemble.attacks, context.stop);
  if (counts.planted() == 0) {
    throw Error{ErrorCode::kNothingRan,
                "nothing could be planted: of " + std::to_string(session.data_plan.samples) + " samples " +
                    std::to_string(counts.wrong) +
                    " are wrong already, and the logits of the others hardly move inside epsilon"};
  }
  print(flags.run.json ? json_text(document(session, flags, *norm, epsilon, ensemble, counts)) : text_of(counts));
  constexpr int kFailed = 1;
  constexpr int kInconclusive = 7;
  return !counts.enough() ? kInconclusive : counts.passed() ? 0 : kFailed;
}

}  // namespace

void add_selftest_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<SelftestFlags>();
  CLI::App* command =
      app.add_subcommand("selftest", "can the attacks find adversarial examples that are known to exist?");
  command->footer(
      "Examples:\n"
      "  faultline selftest model.pt --data mnist:tests/data --norm linf --epsilon 0.1\n"
      "  faultline selftest model.pt --data mnist:tests/data --norm l2 --epsilon 1.5 --attack pgd:steps=10 --json\n\n"
      "The binarisation test of Zimmermann et al. (arXiv:2206.13991): per sample the model is turned into one of two "
      "classes, of which\n"
      "one holds a point planted at the edge of the budget, and the attacks have to find that class. Exit 1 when they "
      "miss more than\n"
      "one in twenty, 7 when fewer than 20 points could be planted.");
  add_model_flags(*command, flags->model);
  add_data_flags(*command, flags->data, /*required=*/true);
  command->get_option("--limit")->description("at most this many samples (default: " + std::to_string(kUsualSamples) +
                                              ")");
  command->add_option("--norm", flags->norm, "linf, l2 or l1");
  command->add_option("--epsilon", flags->epsilon, "budget in input units; 8/255 is accepted");
  add_ensemble_flags(*command, flags->attacks, flags->preset, "--preset fast");
  add_seed_flag(*command, flags->run);
  add_workers_flag(*command, flags->run.workers);
  command->add_flag("--json", flags->run.json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags, context] { return selftest(*flags, context); }; });
}

}  // namespace faultline
