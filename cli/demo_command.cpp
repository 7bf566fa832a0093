#include <cerrno>
#include <cstring>

#include <unistd.h>
#include <CLI/CLI.hpp>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/fuzz_session.h"
#include "faultline/cli/session.h"
#include "faultline/core/error.h"
#include "faultline/data/file.h"
#include "faultline/data/json.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/eval/filing.h"
#include "faultline/eval/fuzz_run.h"
#include "faultline/eval/replay.h"
#include "faultline/report/ascii_plot.h"
#include "faultline/report/plot.h"

namespace faultline {

namespace {

constexpr const char* kFolder = "faultline-demo";  // without --out

struct DemoFlags {
  std::string out{};
  int workers = 0;
};

/// One of the two models that are compared.
struct Contender {
  std::string name;
  std::string file;
  FinishedRun attack{};
  FinishedRun curve{};
  std::int64_t fuzz_seeds = 0;
  FuzzState fuzz{};
};

/// The line of models that a contender stands for: its file without ending.
std::string line_of(const Contender& contender) { return std::filesystem::path(contender.file).stem().string(); }

constexpr const char* kAttack = "pgd";  // of attack and curve: quick, and the same for both
constexpr double kEpsilon = 0.1;
constexpr std::int64_t kAttacked = 1000;  // samples of the attack
constexpr std::int64_t kCurved = 1000;    // samples of the curve
constexpr std::int64_t kFuzzed = 200;     // samples that are fuzzed
constexpr std::int64_t kEvaluations = 20'000;

std::filesystem::path demo_data() {
  for (const char* place : {FAULTLINE_DEMO_DATA, FAULTLINE_INSTALLED_DEMO_DATA}) {
    if (std::filesystem::exists(std::filesystem::path(place) / "mnist_nor_mlp_b.pt")) {
      return place;
    }
  }
  throw Error{ErrorCode::kUsage, std::string("demo: its models are missing; expected them in ") + FAULTLINE_DEMO_DATA +
                                     " or " + FAULTLINE_INSTALLED_DEMO_DATA};
}

Plan demo_plan(const std::string& command, const Session& session, const std::vector<ConfiguredAttack>& attacks) {
  Plan plan{.command = command,
            .model = session.model_plan,
            .data = session.data_plan,
            .norm = Norm::kLinf,
            .epsilon = kEpsilon};
  plan.attacks = plan_attacks(attacks);
  if (command == "curve") {
    plan.curve = CurvePlan{.at = {0.02, 0.05, kEpsilon, 0.2}, .epsilon_max = 0.3};
  }
  return plan;
}

/// Attacks the contender, filing what is found in `corpus`, and measures its curve.
void run_contender(Contender& contender, const Corpus& corpus, const DemoFlags& flags, const CommandContext& context) {
  const std::filesystem::path data = demo_data();
  const ModelFlags model{.path = (data / contender.file).string()};
  const RunFlags run{.workers = flags.workers};
  const std::vector<ConfiguredAttack> attacks = parse_ensemble({kAttack}, Norm::kLinf, Goal{}, context.registries);
  const auto execute_plan = [&](const std::string& command, std::int64_t limit) {
    const DataFlags samples{.spec = "mnist:" + data.string(), .limit = limit};
    Session session = open_session(model, samples, context.registries, context.stop);
    check_attacks(session, Goal{}, attacks);
    Filing filing(corpus, {.line = line_of(contender), .classes = session.facts.classes});
    const RunOutputs outputs{.filing = command == "attack" ? &filing : nullptr, .resumable = false};
    return run_plan(demo_plan(command, session, attacks), session, attacks, run, outputs, context.stop);
  };
  print("attacking the " + contender.name + " ...\n");
  contender.attack = execute_plan("attack", kAttacked);
  print("measuring the distance of " + std::to_string(kCurved) + " samples to the nearest adversarial example ...\n");
  contender.curve = execute_plan("curve", kCurved);
}

/// Looks for everyday changes that break the contender, filing them in `corpus`.
void fuzz_contender(Contender& contender, Corpus& corpus, const DemoFlags& flags, const CommandContext& context) {
  print("fuzzing the " + contender.name + " with everyday changes: turned, blurred, rained on ...\n");
  const std::filesystem::path data = demo_data();
  FuzzFlags fuzz{.model = {.path = (data / contender.file).string()},
                 .data = {.spec = "mnist:" + data.string(), .limit = kFuzzed},
                 .evaluations = kEvaluations};
  const FuzzSession open = open_fuzz_session(fuzz, context);
  const FuzzSetup setup{.mutators = context.registries.mutators,
                        .oracles = open.oracles,
                        .target = *open.target,
                        .stop = context.stop,
                        .workers = worker_count(flags.workers),
                        .limits = child_limits(fuzz),
                        .corpus = &corpus,
                        .line = line_of(contender),
                        .classes = open.session.facts.classes};
  FuzzRun run(open.plan, open.seeds, setup);
  contender.fuzz = run.run();
  contender.fuzz_seeds = open.seeds.batch.size();
  if (run.end() == FuzzEnd::kInterrupted) {
    throw Error{ErrorCode::kInterrupted, "interrupted"};
  }
}

/// The failures of all contenders on one of them.
ReplayResult replay_on(const Contender& contender, const Corpus& corpus, const DemoFlags& flags,
                       const CommandContext& context) {
  const ModelFlags model{.path = (demo_data() / contender.file).string()};
  const std::shared_ptr<const TorchScriptModel> module = open_model(model);
  print("replaying every saved failure on the " + contender.name + " ...\n");
  const ModelPlan plan = plan_model(model);
  ReplaySetup setup{.make_target = target_factory(module, plan, context.stop), .stop = context.stop};
  setup.line = line_of(contender);
  setup.preprocessing = preprocessing_of(plan);
  setup.workers = worker_count(flags.workers);
  setup.device = module->device();
  return replay(corpus, setup);
}

std::string whole_percent(double share) { return std::to_string(static_cast<int>(std::lround(100 * share))) + " %"; }

void print_findings(const std::vector<Contender>& contenders) {
  print("\n" + bold("What was found") + "\n");
  for (const Contender& contender : contenders) {
    const Summary& summary = contender.attack.summary;
    const std::optional<double> median = contender.curve.summary.curve->median();
    print("- The " + contender.name + " is right on " + whole_percent(summary.clean_accuracy.value) + " of " +
          std::to_string(summary.samples) + " clean images, but only on " +
          whole_percent(summary.robust_accuracy.value) + " (95 % interval " +
          whole_percent(summary.robust_accuracy.low) + " to " + whole_percent(summary.robust_accuracy.high) +
          ") once every pixel may change by up to " + three_digits(kEpsilon) +
          ".\n  Half of its images are broken by a change of " + (median ? three_digits(*median) : "more than 0.3") +
          " or less per pixel. All " + std::to_string(summary.accepted) +
          " adversarial examples were verified on the plain model.\n");
  }
}

void print_fuzzing(const std::vector<Contender>& contenders) {
  for (const Contender& contender : contenders) {
    print("- Everyday changes that a person would not mind break " +
          std::to_string(contender.fuzz.verified_seeds.size()) + " of " + std::to_string(contender.fuzz_seeds) +
          " images that the " + contender.name + " reads, in " + std::to_string(contender.fuzz.clusters.size()) +
          " kinds of failures.\n");
  }
}

/// The command that does one step to a contender.
std::string step_text(const std::string& command, const Contender& contender, std::int64_t samples,
                      const std::string& rest) {
  const std::filesystem::path data = demo_data();
  return "  faultline " + command + " " + (data / contender.file).string() + " --data mnist:" + data.string() +
         " --limit " + std::to_string(samples) + rest + "\n";
}

void print_reproduction(const std::vector<Contender>& contenders, const std::filesystem::path& svg,
                        const std::filesystem::path& corpus) {
  print("\n" + bold("The same, step by step") + "\n");
  for (const Contender& contender : contenders) {
    const std::string filing = " --corpus " + corpus.string() + " --line " + line_of(contender);
    print(step_text("attack", contender, kAttacked,
                    std::string(" --norm linf --epsilon 0.1 --attack ") + kAttack + filing));
    print(step_text("curve", contender, kCurved, " --norm linf --at 0.02,0.05,0.1,0.2 --epsilon-max 0.3"));
    print(step_text("fuzz", contender, kFuzzed, " --evaluations " + std::to_string(kEvaluations) + filing));
  }
  print("  faultline replay " + corpus.string() + " --model " + (demo_data() / contenders.back().file).string() +
        " --line " + line_of(contenders.back()) + "\n");
  print("\nBoth curves in one picture: " + svg.string() + "\n");
}

void print_replay(const Contender& contender, const ReplayResult& result) {
  std::int64_t foreign = 0;
  std::int64_t passing = 0;
  for (const ReplayRow& row : result.rows) {
    foreign += row.prior.state ? 0 : 1;
    passing += row.verdict == ReplayVerdict::kPassing ? 1 : 0;
  }
  print("- The failures are kept in a failure corpus. Of the " + std::to_string(foreign) +
        " that were found on the other model, the " + contender.name + " passes " + std::to_string(passing) + ".\n");
}

/// The folder of picture and corpus, made when it is missing. Only the demo's own may hold something: those of an
/// earlier one.
std::filesystem::path picture_folder(const DemoFlags& flags) {
  const std::filesystem::path folder = flags.out.empty() ? kFolder : flags.out;
  std::error_code status;
  std::filesystem::create_directories(folder, status);
  if (status) {
    throw Error{ErrorCode::kUsage, "--out: cannot make the directory '" + folder.string() + "': " + status.message()};
  }
  if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
    throw Error{ErrorCode::kUsage, "--out: cannot write into '" + folder.string() + "': " + std::strerror(errno)};
  }
  if (!flags.out.empty() && !std::filesystem::is_empty(folder)) {
    throw Error{ErrorCode::kUsage,
                "--out: will not write into '" + folder.string() + "': it is not empty; choose another directory"};
  }
  return folder;
}

int demo(const DemoFlags& flags, const CommandContext& context) {
  std::vector<Contender> contenders{{"standard model", "mnist_nor_mlp_b.pt"},
                                    {"robustly trained model", "mnist_lpd_mlp_b_0.1.pt"}};
  const std::filesystem::path folder = picture_folder(flags);
  const std::filesystem::path svg = folder / "curve.svg";
  Corpus corpus = Corpus::open_or_create(folder / "corpus");
  print(
      "Two networks of the same shape read handwritten digits (MNIST). One was trained as usual, one to resist small "
      "changes.\n");
  std::vector<Curve> curves;
  for (Contender& contender : contenders) {
    run_contender(contender, corpus, flags, context);
    curves.push_back(
        curve_of(contender.name, *contender.curve.summary.curve, std::vector<double>{0.02, 0.05, kEpsilon, 0.2}));
  }
  for (Contender& contender : contenders) {
    fuzz_contender(contender, corpus, flags, context);
  }
  const ReplayResult replayed = replay_on(contenders.back(), corpus, flags, context);
  const PlotLabels labels{
      .title = "Robust accuracy of two MNIST models",
      .subtitle = std::to_string(kCurved) + " samples, every pixel may change by epsilon; 95 % bands",
      .x_label = "epsilon (linf)",
      .epsilon_max = 0.3};
  const std::string picture = curve_svg(labels, curves);
  const Bytes part = std::as_bytes(std::span(picture));
  write_file(svg, std::span(&part, 1));
  print("\n" + curve_ascii(labels, curves, /*width=*/78));
  print_findings(contenders);
  print_fuzzing(contenders);
  print_replay(contenders.back(), replayed);
  print_reproduction(contenders, svg, corpus.path());
  return 0;
}

}  // namespace

void add_demo_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<DemoFlags>();
  CLI::App* command =
      app.add_subcommand("demo", "bundled real models and data, no arguments: attack, curve, fuzz, replay");
  command->footer(
      "Examples:\n"
      "  faultline demo\n"
      "  faultline demo --out /tmp/demo\n\n"
      "Compares a standard and a robustly trained model, and prints the commands that reproduce each step.");
  command->add_option(
      "--out", flags->out,
      std::string("folder for the picture and the failure corpus, new or empty (default: ") + kFolder + ")");
  add_workers_flag(*command, flags->workers);
  command->callback([flags, context] { context.chosen = [flags, context] { return demo(*flags, context); }; });
}

}  // namespace faultline
