#include "faultline/eval/sanity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "faultline/core/distance.h"
#include "faultline/core/error.h"
#include "faultline/core/loss.h"
#include "faultline/core/number.h"
#include "faultline/core/projection.h"
#include "faultline/core/sampling.h"

namespace faultline {

namespace {

/// What to do about gradients that lead nowhere; of a preset too, which takes no further attack.
constexpr const char* kBeside = "run it with --attack square:queries=20000 too, and count what either finds";

/// "3 of 16".
std::string of(std::int64_t part, std::int64_t whole) { return std::to_string(part) + " of " + std::to_string(whole); }

std::int64_t count(const Tensor& flags) { return flags.sum().item<std::int64_t>(); }

Tensor scalar_products(const Tensor& a, const Tensor& b) {
  return (a * b).flatten(1).sum(1, /*keepdim=*/false, at::kDouble).cpu();
}

/// The attack with this configuration, if the program has it.
std::optional<ConfiguredAttack> find(const AttackRegistry& registry, const std::string& name,
                                     const std::vector<OptionSetting>& settings) {
  const auto entry =
      std::ranges::find(registry.entries(), name, [](const AttackRegistry::Entry& one) { return one.info.name; });
  return entry == registry.entries().end() ? std::nullopt : std::optional(entry->configure(settings));
}

/// An attack with the random numbers that it draws.
struct Trial {
  ConfiguredAttack attack;
  Rng rng;
};

Trial of_our_own(const ConfiguredAttack& attack, const SanitySubject& subject) {
  return {attack, subject.rng.derived("sanity").derived(attack.info.name)};
}

/// How many of the subject's samples an attack breaks.
std::int64_t broken_by(TargetStack& target, const Trial& trial, const SanitySubject& subject, const ThreatModel& threat,
                       AttackCost& cost) {
  const Attempt tried = attempt(target, trial.attack, subject.samples, threat, trial.rng, cost);
  return std::ranges::count(tried.outcomes, Outcome::kFound);
}

/// The negative margins at points: [N] float64 on the host.
Tensor margins_at(Target& target, const Batch& samples, const Tensor& points) {
  return differentiate(Loss::kMargin, target.logits(points), samples.labels, ThreatModel{}).value.to(at::kDouble).cpu();
}

/// Cross-entropy against the margin, and the margin's gradient against what a small step does.
void check_gradients(Target& target, const SanitySubject& subject, SanityReport& report) {
  const Batch& samples = subject.samples;
  const std::int64_t rows = samples.size();
  const Linearization here = target.linearize(samples.inputs);
  const auto gradient_of = [&](Loss loss) {
    return here.pullback(differentiate(loss, here.logits, samples.labels, ThreatModel{}).cotangent);
  };
  const auto zero_rows = [](const Tensor& gradient) { return gradient.flatten(1).eq(0).all(1); };
  const Tensor of_margin = gradient_of(Loss::kMargin);
  const std::int64_t saturated =
      count(zero_rows(gradient_of(Loss::kCrossEntropy)).logical_and(zero_rows(of_margin).logical_not()));
  report.checks.emplace_back("saturated-softmax");
  if (saturated * 10 > rows) {
    report.warnings.push_back(
        {"saturated-softmax", "cross-entropy has no gradient on " + of(saturated, rows) +
                                  " samples, because logits are so large that the softmax is saturated: attacks on it "
                                  "stall; the presets use losses that are not affected, with --attack choose "
                                  "loss=margin or dlr"});
  }

  constexpr double kShareOfRange = 1e-3;
  const double step = kShareOfRange * (subject.threat.bounds.upper - subject.threat.bounds.lower);
  const Tensor direction = of_margin.sign();
  // Inside the bounds: the model need not answer outside.
  const auto at = [&](double length) {
    return (samples.inputs + direction * length).clamp_(subject.threat.bounds.lower, subject.threat.bounds.upper);
  };
  const Tensor up = at(step);
  const Tensor down = at(-step);
  const Tensor measured = margins_at(target, samples, up) - margins_at(target, samples, down);
  const Tensor promised = scalar_products(of_margin, up - down);
  const Tensor ratio = measured / promised;
  const Tensor differs = promised.gt(0).logical_and(ratio.ge(0.5).logical_and(ratio.le(2)).logical_not());
  report.checks.emplace_back("gradient-mismatch");
  if (count(differs) * 4 >= rows) {
    report.warnings.push_back(
        {"gradient-mismatch", "a small step along the gradient does not do what the gradient says on " +
                                  of(count(differs), rows) +
                                  " samples: a part of the model is not differentiable or has a gradient of its own; "
                                  "gradient attacks are weak here, " +
                                  kBeside});
  }
}

/// By how much the label leads over one other class, the runner-up at the clean input: smooth where the margin, over
/// whichever class is next, has a kink.
class Lead {
 public:
  Lead(Target& target, const Batch& samples) : labels_(samples.labels.unsqueeze(1)) {
    const Linearization here = target.linearize(samples.inputs);
    others_ = here.logits.scatter(1, labels_, -std::numeric_limits<float>::infinity()).argmax(1).unsqueeze(1);
    gradients_ = here.pullback(at::zeros_like(here.logits).scatter_(1, labels_, 1.0).scatter_(1, others_, -1.0));
    values_ = of(here.logits);
  }

  /// [N] float64 on the host.
  [[nodiscard]] Tensor of(const Tensor& logits) const {
    return (logits.gather(1, labels_) - logits.gather(1, others_)).squeeze(1).to(at::kCPU, at::kDouble);
  }

  [[nodiscard]] const Tensor& values() const { return values_; }        ///< At the clean inputs.
  [[nodiscard]] const Tensor& gradients() const { return gradients_; }  ///< There.

 private:
  Tensor labels_;
  Tensor others_;
  Tensor values_;
  Tensor gradients_;
};

/// The mean size of what the gradient does not foresee of the lead's change under random noise, over samples and draws.
double surprise(Target& target, const SanitySubject& subject, const ThreatModel& noise, const Lead& lead) {
  constexpr std::uint32_t kDraws = 20;
  const Batch& samples = subject.samples;
  const Rng rng = subject.rng.derived("sanity").derived("stability");
  double sum = 0;
  for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
    const Tensor points = project(sample_in_ball(samples, noise, rng, {.restart = draw}), samples.inputs, noise);
    const Tensor foreseen = lead.values() + scalar_products(lead.gradients(), points - samples.inputs);
    sum += (lead.of(target.logits(points)) - foreseen).abs().mean().item<double>() / kDraws;
  }
  return sum;
}

/// Whether the logits move in jumps: a curved function is foreseen a hundred times better in a ball a tenth as wide,
/// one that jumps only about ten times, because it jumps as far, a tenth as often.
void check_stability(Target& target, const SanitySubject& subject, SanityReport& report) {
  constexpr double kNarrow = 0.1;
  constexpr double kNotable = 0.03;  // of the lead; sound models at budgets they were trained for stay below 0.01
  constexpr double kJumps = 0.045;   // measured: 0.002 to 0.034 on sound models, 0.05 to 0.12 with k winners of 100
  const Lead lead(target, subject.samples);
  ThreatModel narrow = subject.threat;
  narrow.epsilon = narrow.epsilon * kNarrow;
  const double wide = surprise(target, subject, subject.threat, lead);
  const double share = wide / lead.values().abs().mean().item<double>();
  report.checks.emplace_back("unstable-loss");
  if (share > kNotable && surprise(target, subject, narrow, lead) > kJumps * wide) {
    report.warnings.push_back({"unstable-loss",
                               "random noise as wide as epsilon moves the logits in jumps that the gradient does not "
                               "foresee, by " +
                                   std::to_string(std::lround(share * 100)) +
                                   " % of the margin on the average: gradient attacks are weak here; " + kBeside +
                                   ", or average gradients with eot=20"});
  }
}

/// An attack that may go anywhere must find something everywhere.
void check_unbounded(TargetStack& target, const SanitySubject& subject, SanityReport& report) {
  const std::optional<ConfiguredAttack> attack = find(subject.attacks, "apgd", {{"loss", "margin"}, {"steps", "50"}});
  if (!attack || std::ranges::find(attack->info.norms, subject.threat.norm) == attack->info.norms.end()) {
    return;
  }
  const std::int64_t rows = subject.samples.size();
  const Bounds& bounds = subject.threat.bounds;
  ThreatModel whole = subject.threat;
  whole.epsilon =
      at::full_like(whole.epsilon, largest_distance(whole.norm, bounds.upper - bounds.lower,
                                                    static_cast<double>(subject.samples.inputs.numel() / rows)));
  whole.targets = Tensor();
  const std::int64_t left = rows - broken_by(target, of_our_own(*attack, subject), subject, whole, report.cost);
  report.checks.emplace_back("unbounded-attack");
  if (left * 10 > rows) {
    report.warnings.push_back(
        {"unbounded-attack", "a gradient attack that may change the inputs to anything fails on " + of(left, rows) +
                                 " samples: the model hides its gradients, so robust accuracy may be far too high; " +
                                 kBeside});
  }
}

/// The options of an attack with twice the steps; nothing where it takes none, or cannot take so many.
std::optional<ConfiguredAttack> with_twice_the_steps(const ConfiguredAttack& attack, const AttackRegistry& registry) {
  std::vector<OptionSetting> settings;
  bool takes_steps = false;
  for (const OptionInfo& option : attack.options) {
    const bool of_ensemble = option.name == "within" || option.name == "from";
    if (option.name == "steps" && option.type == "integer") {
      takes_steps = true;
      settings.push_back({option.name, std::to_string(2 * parse_integer(option.value, option.name))});
    } else if (!of_ensemble) {
      settings.push_back({option.name, option.value});
    }
  }
  try {
    return takes_steps ? find(registry, attack.info.name, settings) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;  // more than the attack allows: a check that cannot be made must not lose a finished run
  }
}

/// The first attack of the ensemble that takes steps along gradients, with twice as many from the same starts; nothing
/// when there is none.
std::optional<Trial> with_twice_the_steps(const std::vector<ConfiguredAttack>& ensemble, const SanitySubject& subject) {
  for (std::size_t number = 0; number < ensemble.size(); ++number) {
    const ConfiguredAttack& attack = ensemble[number];
    if (attack.transforms() || attack.knowledge != Knowledge::kGradients) {
      continue;
    }
    if (std::optional<ConfiguredAttack> longer = with_twice_the_steps(attack, subject.attacks)) {
      return Trial{*std::move(longer), subject.rng.derived(attack.info.name, number)};
    }
  }
  return std::nullopt;
}

}  // namespace

void add(SanityReport& report, SanityReport more) {
  report.checks.insert(report.checks.end(), more.checks.begin(), more.checks.end());
  report.warnings.insert(report.warnings.end(), more.warnings.begin(), more.warnings.end());
  report.cost.meter.forwards += more.cost.meter.forwards;
  report.cost.meter.backwards += more.cost.meter.backwards;
  report.cost.seconds += more.cost.seconds;
}

SanityReport check_model(TargetStack& target, const SanitySubject& subject) {
  SanityReport report;
  run_metered(target.padded(), report.cost, [&](Target& metered) {
    check_gradients(metered, subject, report);
    check_stability(metered, subject, report);
  });
  check_unbounded(target, subject, report);
  return report;
}

SanityReport check_survivors(TargetStack& target, const SanitySubject& subject,
                             const std::vector<ConfiguredAttack>& ensemble) {
  SanityReport report;
  const std::int64_t rows = subject.samples.size();
  const auto knows = [&](const std::optional<ConfiguredAttack>& attack) {
    return attack && std::ranges::find(attack->info.norms, subject.threat.norm) != attack->info.norms.end();
  };
  for (const auto& [name, settings] :
       {std::pair<std::string, std::vector<OptionSetting>>{"fgsm", {}}, {"noise", {{"draws", "20"}}}}) {
    const std::optional<ConfiguredAttack> weaker = find(subject.attacks, name, settings);
    if (!knows(weaker)) {
      continue;
    }
    const std::string check = name == "fgsm" ? "single-step-finds-more" : "noise-finds-more";
    report.checks.push_back(check);
    if (const std::int64_t found =
            broken_by(target, of_our_own(*weaker, subject), subject, subject.threat, report.cost);
        found > 0) {
      report.warnings.push_back({check, name + " breaks " + of(found, rows) +
                                            " samples that withstood the attacks: they are weaker than they should be; "
                                            "use --preset fast, or more steps"});
    }
  }
  const std::optional<Trial> longer = with_twice_the_steps(ensemble, subject);
  if (longer) {
    report.checks.emplace_back("not-converged");
    if (const std::int64_t found = broken_by(target, *longer, subject, subject.threat, report.cost); found > 0) {
      report.warnings.push_back({"not-converged", longer->attack.info.name + " with twice the steps breaks " +
                                                      of(found, rows) +
                                                      " samples that withstood the attacks: take more steps, or a "
                                                      "stronger preset (--preset thorough)"});
    }
  }
  return report;
}

std::string meaning_of_check(const std::string& check) {
  constexpr std::array<std::pair<const char*, const char*>, 19> kMeanings{{
      {"not-deterministic", "two calls on the same inputs agree"},
      {"batch-dependent", "a sample's output does not depend on the others in its batch"},
      {"train-mode", "the model was saved in evaluation mode"},
      {"probabilities", "the outputs are logits"},
      {"dynamic-defence", "the model computes no gradients of its own"},
      {"zero-gradient", "gradients are not zero"},
      {"non-finite-gradient", "gradients are finite"},
      {"saturated-softmax", "cross-entropy has a gradient where the margin has one"},
      {"gradient-mismatch", "a small step does what the gradient says"},
      {"unstable-loss", "noise changes the margin as its gradient foresees"},
      {"unbounded-attack", "an attack without limits finds something everywhere"},
      {"black-box-finds-more", "attacks without gradients find little that gradients miss"},
      {"single-step-finds-more", "a single step breaks none of the survivors tried"},
      {"noise-finds-more", "random noise breaks none of the survivors tried"},
      {"not-converged", "twice the steps break none of the survivors tried"},
      {"rejected", "every claim holds when it is recomputed in double precision"},
      {"not-finite", "outputs on changed inputs are numbers"},
      {"eight-bits", "most witnesses still fail when they are rounded to 8 bits"},
      {"clean-accuracy", "the clean accuracy is what was expected"},
  }};
  const auto* const found =
      std::ranges::find(kMeanings, check, [](const auto& entry) { return std::string(entry.first); });
  return found == kMeanings.end() ? "" : found->second;
}

}  // namespace faultline
