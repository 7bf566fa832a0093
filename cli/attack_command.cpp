#include <CLI/CLI.hpp>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/corpus_flags.h"
#include "faultline/cli/export.h"
#include "faultline/cli/sanity_checks.h"
#include "faultline/cli/session.h"
#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/data/json.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/eval/document.h"

namespace faultline {

namespace {

struct AttackFlags {
  ModelFlags model{};
  DataFlags data{};
  ThreatFlags threat{};
  RunFlags run{};
  CorpusFlags corpus{};
  std::string epsilon{};
  std::string expect_accuracy{};
  std::vector<std::string> exports{};
};

Json export_json(const std::vector<ExportResult>& exports) {
  Json list = Json::array();
  for (const ExportResult& result : exports) {
    Json json{{"format", result.format == ExportFormat::kNpy ? "npy" : "png"}, {"written", result.written}};
    if (result.survive_8_bits) {
      json["survive_8_bits"] = {{"count", *result.survive_8_bits}};
      json["survive_8_bits"].update(interval_json(wilson(*result.survive_8_bits, result.written)));
    }
    list.push_back(json);
  }
  return list;
}

void print_exports(const std::vector<ExportResult>& exports, const RunDirectory& directory) {
  for (const ExportResult& result : exports) {
    const bool png = result.format == ExportFormat::kPng;
    print("exported: " + std::to_string(result.written) + " witnesses to " +
          (directory.path() / (png ? "png" : "npy")).string() + "\n");
    if (result.survive_8_bits && result.written > 0) {
      print("8 bits:   " + std::to_string(*result.survive_8_bits) + " of " + std::to_string(result.written) +
            " are still adversarial after rounding to 8 bits, " +
            percent(wilson(*result.survive_8_bits, result.written)) + "\n");
    }
  }
}

/// --epsilon, which only transforms do without. Throws Error (kUsage).
double budget_of(const std::string& epsilon, bool transforms_only) {
  if (!transforms_only && epsilon.empty()) {
    throw Error{ErrorCode::kUsage, "--epsilon is required: the budget in input units, like 0.1 or 8/255"};
  }
  if (transforms_only && !epsilon.empty()) {
    throw Error{ErrorCode::kUsage,
                "--epsilon: no norm bounds transforms; leave it out, and limit their parameters, as in "
                "rotate:max-degrees=30"};
  }
  return epsilon.empty() ? 0 : parse_number(epsilon, "--epsilon");
}

/// Another model that is compared with is an option of the searches.
void name_compared(std::vector<ConfiguredAttack>& attacks, const std::string& sha256) {
  for (ConfiguredAttack& attack : attacks) {
    if (attack.transforms()) {
      attack.options.push_back({"against", "choice", sha256, "", ""});
    }
  }
}

/// --expect-accuracy, if it was given. Throws Error (kUsage) unless it is a share.
std::optional<double> expected_accuracy(const std::string& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  const bool is_percent = text.ends_with('%');
  const double value =
      parse_number(is_percent ? text.substr(0, text.size() - 1) : text, "--expect-accuracy") / (is_percent ? 100 : 1);
  if (!(value >= 0 && value <= 1)) {
    throw Error{ErrorCode::kUsage, "--expect-accuracy: expected a share like 0.95 or 95%, got '" + text + "'"};
  }
  return value;
}

/// What the words alone decide.
struct AttackWords {
  Plan plan{.command = "attack"};
  std::vector<ConfiguredAttack> attacks{};
  bool transforms_only = false;
  std::vector<ExportFormat> formats{};
  std::optional<double> expected{};
};

/// Throws Error (kUsage).
AttackWords read_words(const AttackFlags& flags, const Registries& registries) {
  check_values(flags.model, flags.data);
  AttackWords words{.expected = expected_accuracy(flags.expect_accuracy)};
  std::ranges::transform(flags.exports, std::back_inserter(words.formats), parse_export);
  Plan& plan = words.plan;
  plan.norm = parse_optional_norm(flags.threat.norm);
  plan.goal = parse_goal(flags.threat.targeted);
  plan.seed = flags.run.seed;
  Ensemble ensemble = choose_ensemble({flags.threat.attacks, flags.threat.preset}, plan.norm, plan.goal, registries);
  plan.preset = ensemble.preset;
  words.attacks = std::move(ensemble.attacks);
  set_oracles(words.attacks, flags.threat.oracles, plan.goal, registries.oracles);
  words.transforms_only = std::ranges::all_of(words.attacks, &ConfiguredAttack::transforms);
  plan.epsilon = budget_of(flags.epsilon, words.transforms_only);
  if (words.transforms_only && plan.norm) {
    throw Error{ErrorCode::kUsage, "--norm: no norm bounds transforms; leave it out"};
  }
  return words;
}

int attack(const AttackFlags& flags, const CommandContext& context) {
  AttackWords words = read_words(flags, context.registries);
  Plan& plan = words.plan;
  std::vector<ConfiguredAttack>& attacks = words.attacks;
  if (!words.formats.empty() && flags.run.out.empty()) {
    throw Error{ErrorCode::kUsage, "--export needs --out DIR, where the files go"};
  }
  Session session = open_session(flags.model, flags.data, context.registries, context.stop);
  if (!words.transforms_only) {
    check_epsilon(plan.epsilon, largest_epsilon(session, *plan.norm), "--epsilon");
  }
  check_attacks(session, plan.goal, attacks);
  for (const std::string& other :
       open_compared(session, flags.model, flags.threat.against, oracles_of(attacks), context.stop)) {
    name_compared(attacks, other);
  }
  plan.attacks = plan_attacks(attacks);
  plan.model = session.model_plan;
  plan.data = session.data_plan;

  const std::unique_ptr<RunDirectory> directory = open_run_directory(flags.run, plan, session);
  check_before(session, plan, attacks, context.registries.attacks);
  const std::unique_ptr<Filing> filing = open_filing(flags.corpus, plan, session, directory.get());
  const auto check = [&](const RunResult& result) {
    return check_after(session, plan, attacks, context.registries.attacks, words.expected, result);
  };
  const FinishedRun run =
      run_plan(plan, session, attacks, flags.run,
               {.directory = directory.get(), .filing = filing.get(), .check = check}, context.stop);
  std::vector<ExportResult> exports;
  for (const ExportFormat format : words.formats) {
    exports.push_back(export_witnesses(format, plan, session, *directory, run.result.rows));
  }
  if (flags.run.json) {
    Json json = summary_json(plan, run.summary);
    if (!exports.empty()) {
      json["exports"] = export_json(exports);
    }
    if (filing != nullptr) {
      json["corpus"] = filing_json(flags.corpus, run.filed);
    }
    print(json_text(json));
    return 0;
  }
  print_summary(plan, run.summary);
  print_checks(run.summary);
  if (directory != nullptr) {
    print("written:  " + directory->path().string() + " (samples.jsonl, witnesses/, summary.json, run.json)\n");
    print_exports(exports, *directory);
  }
  if (filing != nullptr) {
    print_filing(flags.corpus, plan, run.filed);
  }
  return 0;
}

}  // namespace

void add_attack_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<AttackFlags>();
  CLI::App* command = app.add_subcommand("attack", "adversarial examples and robust accuracy at one budget");
  command->footer(
      "Examples:\n"
      "  faultline attack model.pt --data mnist:tests/data --norm linf --epsilon 0.1\n"
      "  faultline attack model.pt --data mnist:tests/data --norm l2 --epsilon 1.5 --attack fgsm --attack "
      "pgd:restarts=5 --out run1 --export png\n\n"
      "Looks for adversarial examples of every sample that the model gets right, verifies them, and reports robust "
      "accuracy:\n"
      "the share of all samples that are right on the clean input and under every attack run. Transforms need neither "
      "norm "
      "nor\n"
      "epsilon: --attack rotate:max-degrees=30 --attack translate+scale");
  add_model_flags(*command, flags->model);
  add_data_flags(*command, flags->data, /*required=*/true);
  add_threat_flags(*command, flags->threat, "--preset fast");
  add_oracle_flags(*command, flags->threat, "misclassification; of transforms only");
  command->add_option("--epsilon", flags->epsilon, "budget in input units; 8/255 is accepted; transforms need none");
  command->add_option("--expect-accuracy", flags->expect_accuracy,
                      "warn when the clean accuracy is another one: 0.95 or 95%");
  const auto refuse_at = [](const std::string&) {
    throw CLI::ValidationError("--at", "belongs to curve; attack looks at one budget, --epsilon E");
  };
  command->add_option_function<std::string>("--at", refuse_at)->group("");
  add_run_flags(*command, flags->run);
  add_corpus_flags(*command, flags->corpus);
  command->add_option("--export", flags->exports, "also write witnesses as npy or png (needs --out); may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->callback([flags, context] {
    context.check = [flags, context] { (void)read_words(*flags, context.registries); };
    context.chosen = [flags, context] { return attack(*flags, context); };
  });
}

}  // namespace faultline
