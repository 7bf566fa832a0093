#include <CLI/CLI.hpp>

#include <cmath>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/corpus_flags.h"
#include "faultline/cli/session.h"
#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/data/json.h"
#include "faultline/eval/attack_spec.h"
#include "faultline/eval/transform_curve.h"
#include "faultline/report/ascii_plot.h"
#include "faultline/report/plot.h"

namespace faultline {

namespace {

struct CurveFlags {
  ModelFlags model{};
  DataFlags data{};
  ThreatFlags threat{};
  RunFlags run{};
  CorpusFlags corpus{};
  std::string at{};
  std::string epsilon{};  ///< Not a flag of this command; taken to say which one is.
  std::string epsilon_max{};
  std::string tolerance = "0.02";
  std::string over{};
};

/// The epsilons or magnitudes of --at, rising, without repeats.
std::vector<double> probed_at(const std::string& text) {
  std::vector<double> at = parse_numbers(text, "--at");
  std::ranges::sort(at);
  at.erase(std::unique(at.begin(), at.end()), at.end());
  return at;
}

void check_end(const CurvePlan& plan) {
  if (!plan.at.empty() && plan.at.back() > plan.epsilon_max) {
    throw Error{ErrorCode::kUsage, "--at: " + shortest(plan.at.back()) + " lies beyond --epsilon-max " +
                                       shortest(plan.epsilon_max) + ", where the search ends; raise --epsilon-max"};
  }
}

CurvePlan curve_plan(const CurveFlags& flags, double largest) {
  CurvePlan plan;
  const auto check = [largest](double epsilon, const std::string& name) {
    if (epsilon <= 0) {
      throw Error{ErrorCode::kUsage, name + ": a curve is searched at epsilons > 0, got " + shortest(epsilon) +
                                         "; its value at 0 is the clean accuracy"};
    }
    check_epsilon(epsilon, largest, name);
  };
  plan.epsilon_max = flags.epsilon_max.empty() ? largest : parse_number(flags.epsilon_max, "--epsilon-max");
  check(plan.epsilon_max, "--epsilon-max");
  plan.tolerance = parse_number(flags.tolerance, "--tolerance");
  if (!(plan.tolerance > 0 && plan.tolerance < 1)) {
    throw Error{ErrorCode::kUsage, "--tolerance: expected a number between 0 and 1, got " + flags.tolerance};
  }
  if (!flags.at.empty()) {
    plan.at = probed_at(flags.at);
    for (const double epsilon : plan.at) {
      check(epsilon, "--at");
    }
    check_end(plan);
  }
  return plan;
}

/// The curve over a parameter of a transform, whose magnitude takes the place of epsilon.
CurvePlan plan_over(const CurveFlags& flags, const CurveRange& range) {
  CurvePlan plan{.over = range.axis};
  const auto check = [&](double magnitude, const std::string& name) {
    if (range.step == MagnitudeStep::kWhole && magnitude != std::round(magnitude)) {
      throw Error{ErrorCode::kUsage,
                  name + ": " + range.axis.name + " takes whole numbers, got " + shortest(magnitude)};
    }
    if (!(magnitude > 0 && magnitude <= range.limit)) {
      throw Error{ErrorCode::kUsage, name + ": expected a number above 0 and at most " + shortest(range.limit) +
                                         ", what " + range.axis.name + " can be moved by, got " + shortest(magnitude)};
    }
  };
  plan.at = flags.at.empty() ? std::vector<double>{} : probed_at(flags.at);
  for (const double magnitude : plan.at) {
    check(magnitude, "--at");
  }
  plan.epsilon_max = !flags.epsilon_max.empty() ? parse_number(flags.epsilon_max, "--epsilon-max")
                     : plan.at.empty()          ? range.largest
                                                : plan.at.back();
  check(plan.epsilon_max, "--epsilon-max");
  check_end(plan);
  if (plan.at.empty()) {
    plan.at = magnitudes_to(plan.epsilon_max, range.step);
  } else if (plan.at.back() < plan.epsilon_max) {
    plan.at.push_back(plan.epsilon_max);  // "not found up to there" must have been looked at
  }
  return plan;
}

/// The search for a curve over a parameter: of the one transform that has it, or as --attack says.
std::vector<std::string> specs_over(const CurveFlags& flags) {
  if (!flags.threat.norm.empty()) {
    throw Error{ErrorCode::kUsage, "--norm: a curve over a transform has none; leave it out"};
  }
  if (!flags.threat.preset.empty()) {
    throw Error{ErrorCode::kUsage, "--preset: a curve over a transform has none; leave it out"};
  }
  if (flags.threat.attacks.size() > 1) {
    throw Error{ErrorCode::kUsage, "--attack: a curve over a transform takes one"};
  }
  constexpr const char* kEachMagnitude = ":search=grid,queries=16,keep=first";
  const std::string mutator = flags.over.substr(0, flags.over.find('.'));
  return flags.threat.attacks.empty() ? std::vector{mutator + kEachMagnitude} : flags.threat.attacks;
}

/// Throws unless the attack searches the parameter of --over.
void check_over(const CurveFlags& flags, const ConfiguredAttack& attack, const std::vector<std::int64_t>& shape) {
  const bool has = attack.transforms() && std::ranges::any_of(attack.space(shape).axes(), [&](const auto& axis) {
                     return axis.name == flags.over;
                   });
  const std::string parameter = flags.over.substr(flags.over.find('.') + 1);
  for (const OptionInfo& option : attack.options) {
    if (option.name.ends_with("max-" + parameter) || option.name.ends_with("min-" + parameter)) {
      throw Error{ErrorCode::kUsage, "--attack " + attack.info.name + ":" + option.name + ": how far " + flags.over +
                                         " goes is said by --epsilon-max or --at"};
    }
  }
  if (!has) {
    throw Error{ErrorCode::kUsage, "--attack " + attack.info.name + " does not search " + flags.over};
  }
}

std::string number_or(const std::optional<double>& value, const std::string& otherwise) {
  return value ? three_digits(*value) : otherwise;
}

/// "epsilon (linf)", "rotate.degrees (degrees)" or "|contrast.factor - 1|".
std::string axis_label(const Plan& plan) {
  if (!plan.curve->over) {
    return "epsilon (" + std::string(name_of(*plan.norm)) + ")";
  }
  const CurveAxis& axis = *plan.curve->over;
  const std::string name = axis.start == 0 ? axis.name : "|" + axis.name + " - " + shortest(axis.start) + "|";
  return axis.unit.empty() ? name : name + " (" + axis.unit + ")";
}

void print_curve(const Plan& plan, const SurvivalCurve& curve, const Curve& drawing, const PlotLabels& labels) {
  std::vector<std::vector<std::string>> rows{
      {plan.curve->over ? axis_label(plan) : "epsilon", "robust accuracy (95 %)", "errors"}};
  for (const double epsilon : point_epsilons(plan)) {
    rows.push_back({three_digits(epsilon), percent(curve.interval(epsilon)),
                    std::to_string(curve.samples() - curve.survivors(epsilon))});
  }
  print("\n" + curve_ascii(labels, std::span(&drawing, 1), /*width=*/78) + "\n" + table(rows));
  print("\nmedian distance  " + number_or(curve.median(), "beyond the search") +
        " (all samples; clean errors count as 0)\nmean distance    " + number_or(curve.mean_found(), "none") +
        " over " + std::to_string(curve.found()) + " found, " + std::to_string(curve.not_found()) +
        " not found up to " + three_digits(plan.curve->epsilon_max) + "\narea             " +
        three_digits(curve.area(plan.curve->epsilon_max)) + " up to " + (plan.curve->over ? "" : "epsilon ") +
        three_digits(plan.curve->epsilon_max) + "\nband             +- " +
        three_digits(100 * dkw_half_width(curve.samples())) + " points around the whole curve (95 %, DKW)\n");
}

/// The picture of a curve: up to where it falls for the last time, or to the end of the search when samples are left.
Curve draw(const std::string& name, const Plan& plan, const SurvivalCurve& survival, PlotLabels& labels) {
  labels.epsilon_max = survival.not_found() > 0 || survival.steps().empty() ? plan.curve->epsilon_max
                                                                            : 1.05 * survival.steps().back().epsilon;
  std::vector<double> probed = point_epsilons(plan);
  std::erase_if(probed, [&](double epsilon) { return epsilon > labels.epsilon_max; });
  return curve_of(name, survival, probed);
}

/// "translate.dy from -3.5 to 3.5": what a curve does not run over.
std::string other_axes(const TransformSpace& space, const std::string& over) {
  std::string text;
  for (const TransformAxis& axis : space.axes()) {
    if (axis.name != over) {
      text += (text.empty() ? "" : ", ") + axis.name + " from " + three_digits(axis.lower) + " to " +
              three_digits(axis.upper);
    }
  }
  return text + (space.random() ? std::string(text.empty() ? "" : ", ") + "random draws" : "");
}

void refuse_transforms_without_over(const CurveFlags& flags, const std::vector<ConfiguredAttack>& attacks) {
  for (const ConfiguredAttack& attack : attacks) {
    if (flags.over.empty() && attack.transforms()) {
      throw Error{ErrorCode::kUsage, "--attack " + attack.info.name +
                                         " has no epsilon; a curve over a transform is drawn with --over "
                                         "MUTATOR.PARAMETER, as in --over rotate.degrees"};
    }
  }
}

/// Fills in plan.curve, with a warning where a transform goes too far. Returns what is searched beside its axis.
std::string plan_search(Plan& plan, Session& session, const ConfiguredAttack& attack, const CurveFlags& flags,
                        const MutatorRegistry& mutators) {
  if (flags.over.empty()) {
    plan.curve = curve_plan(flags, largest_epsilon(session, *plan.norm));
    return {};
  }
  const std::vector<std::int64_t> shape = session.data->sample_shape();
  check_over(flags, attack, shape);
  const CurveRange range = curve_range(flags.over, mutators, static_cast<int>(std::min(shape[1], shape[2])));
  plan.curve = plan_over(flags, range);
  if (plan.curve->epsilon_max > range.preserved) {
    session.sanity.warnings.push_back({"label-validity", range.caution});
  }
  return other_axes(attack.space(shape), flags.over);
}

PlotLabels labels_of(const Plan& plan, const std::string& name, const SurvivalCurve& survival) {
  const std::string change = plan.norm ? std::string(name_of(*plan.norm)) : "transforms";
  return {.title = "Robust accuracy of " + name,
          .subtitle = std::to_string(survival.samples()) + " samples, " + change + ", 95 % intervals",
          .x_label = axis_label(plan)};
}

/// The attacks of a curve. Throws Error (kUsage) when they do not fit what it runs over.
Ensemble ensemble_of(const CurveFlags& flags, const Plan& plan, const Registries& registries) {
  if (!flags.over.empty()) {
    constexpr int kAnySide = 32;
    (void)curve_range(flags.over, registries.mutators, kAnySide);  // refuses what is no parameter
  }
  EnsembleChoice choice{flags.over.empty() ? flags.threat.attacks : specs_over(flags), flags.threat.preset};
  if (choice.attacks.empty() && choice.preset.empty()) {
    choice.attacks = {"pgd"};  // a curve asks it about many epsilons
  }
  Ensemble ensemble = choose_ensemble(choice, plan.norm, plan.goal, registries);
  refuse_transforms_without_over(flags, ensemble.attacks);
  return ensemble;
}

/// What the words alone decide.
struct CurveWords {
  Plan plan{.command = "curve"};
  std::vector<ConfiguredAttack> attacks{};
};

/// Throws Error (kUsage).
CurveWords read_words(const CurveFlags& flags, const Registries& registries) {
  if (!flags.epsilon.empty()) {
    throw Error{ErrorCode::kUsage,
                "curve has no --epsilon; to look at an epsilon exactly, write --at " + flags.epsilon};
  }
  check_values(flags.model, flags.data);
  if (!flags.at.empty()) {
    (void)parse_numbers(flags.at, "--at");
  }
  if (!flags.epsilon_max.empty()) {
    (void)parse_number(flags.epsilon_max, "--epsilon-max");
  }
  CurveWords words;
  words.plan.norm = parse_optional_norm(flags.threat.norm);
  words.plan.goal = parse_goal(flags.threat.targeted);
  words.plan.seed = flags.run.seed;
  Ensemble ensemble = ensemble_of(flags, words.plan, registries);
  words.plan.preset = ensemble.preset;
  words.plan.attacks = plan_attacks(ensemble.attacks);
  words.attacks = std::move(ensemble.attacks);
  return words;
}

int curve(const CurveFlags& flags, const CommandContext& context) {
  CurveWords words = read_words(flags, context.registries);
  Plan& plan = words.plan;
  std::vector<ConfiguredAttack>& attacks = words.attacks;
  Session session = open_session(flags.model, flags.data, context.registries, context.stop);
  check_attacks(session, plan.goal, attacks);
  const std::string others = plan_search(plan, session, attacks.front(), flags, context.registries.mutators);
  plan.model = session.model_plan;
  plan.data = session.data_plan;

  const std::unique_ptr<RunDirectory> directory = open_run_directory(flags.run, plan, session);
  const std::unique_ptr<Filing> filing = open_filing(flags.corpus, plan, session, directory.get());
  const FinishedRun run =
      run_plan(plan, session, std::move(attacks), flags.run, {directory.get(), filing.get()}, context.stop);
  const SurvivalCurve& survival = *run.summary.curve;
  const std::string name = std::filesystem::path(plan.model.path).stem().string();
  PlotLabels labels = labels_of(plan, name, survival);
  const Curve drawing = draw(name, plan, survival, labels);
  if (directory != nullptr) {
    directory->write("curve.svg", curve_svg(labels, std::span(&drawing, 1)));
  }
  if (flags.run.json) {
    Json json = summary_json(plan, run.summary);
    if (filing != nullptr) {
      json["corpus"] = filing_json(flags.corpus, run.filed);
    }
    print(json_text(json));
    return 0;
  }
  print_summary(plan, run.summary);
  if (!others.empty()) {
    print("searched at each magnitude too: " + others + "\n");
  }
  print_curve(plan, survival, drawing, labels);
  if (directory != nullptr) {
    print("written: " + directory->path().string() +
          " (curve.svg, samples.jsonl, witnesses/, summary.json, run.json)\n");
  }
  if (filing != nullptr) {
    print_filing(flags.corpus, plan, run.filed);
  }
  return 0;
}

}  // namespace

void add_curve_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<CurveFlags>();
  CLI::App* command = app.add_subcommand("curve", "robustness curve and the distance of every sample");
  command->footer(
      "Examples:\n"
      "  faultline curve model.pt --data mnist:tests/data --limit 1000 --norm linf\n"
      "  faultline curve model.pt --data mnist:tests/data --norm linf --at 0.05,0.1,0.2 --epsilon-max 0.3 --out "
      "run1\n\n"
      "Finds for every sample the distance of the nearest adversarial example, by bisection on epsilon, and draws "
      "robust\n"
      "accuracy as an exact step function of epsilon; or, with --over rotate.degrees, of how far a transform goes.");
  add_model_flags(*command, flags->model);
  add_data_flags(*command, flags->data, /*required=*/true);
  add_threat_flags(*command, flags->threat, "pgd");
  command->add_option("--at", flags->at, "epsilons to probe exactly and report: E,E,...");
  command->add_option(
      "--epsilon-max", flags->epsilon_max,
      "search no further (default: the whole range of inputs; with --over up to severity 5, or the last of --at)");
  command->add_option("--epsilon", flags->epsilon)->group("");
  command->add_option("--over", flags->over,
                      "MUTATOR.PARAMETER: draw accuracy against how far a transform goes, not epsilon; --at and "
                      "--epsilon-max are then in its unit");
  command->add_option("--tolerance", flags->tolerance, "relative accuracy of a distance")->capture_default_str();
  add_run_flags(*command, flags->run);
  add_corpus_flags(*command, flags->corpus);
  command->callback([flags, context] {
    context.check = [flags, context] { (void)read_words(*flags, context.registries); };
    context.chosen = [flags, context] { return curve(*flags, context); };
  });
}

}  // namespace faultline
