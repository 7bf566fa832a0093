#include "faultline/eval/attack_spec.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "faultline/core/suggest.h"
#include "faultline/eval/preset.h"
#include "faultline/eval/transform_attack.h"

namespace faultline {

namespace {

std::string norm_list(const std::vector<Norm>& norms) {
  std::string list;
  for (const Norm norm : norms) {
    list += (list.empty() ? "" : ", ") + std::string(name_of(norm));
  }
  return list;
}

/// "; for l0 use --attack noise": the attacks that know a norm; nothing when there are none.
std::string attacks_for(Norm norm, const AttackRegistry& registry) {
  std::string names;
  for (const AttackRegistry::Entry& entry : registry.entries()) {
    if (std::ranges::find(entry.info.norms, norm) != entry.info.norms.end()) {
      names += (names.empty() ? "" : " or ") + entry.info.name;
    }
  }
  return names.empty() ? "" : "; for " + std::string(name_of(norm)) + " use --attack " + names;
}

/// A spec before and behind its colon.
struct Spec {
  std::string name{};
  std::vector<OptionSetting> settings{};
};

Spec take_apart(const std::string& spec) {
  const std::size_t colon = spec.find(':');
  if (spec.substr(0, colon).find(',') != std::string::npos) {
    throw Error{ErrorCode::kUsage, "--attack " + spec + ": expected one attack; for an ensemble repeat --attack"};
  }
  const std::string_view settings =
      colon == std::string::npos ? std::string_view{} : std::string_view(spec).substr(colon + 1);
  return {spec.substr(0, colon), parse_settings(settings, "--attack " + spec)};
}

/// What a spec says of the attack's place in an ensemble.
struct Turn {
  enum class From { kOwn, kBest };

  double within = std::numeric_limits<double>::infinity();
  From from = From::kOwn;

  static void fields(auto& o, auto&& visit) {
    visit("within", o.within, Positive{}, "only samples that are at most so many epsilons from failing, linearised");
    visit("from", o.from, OneOf{{"own", "best"}}, "where it begins: its own start, or the best point so far");
  }
};

bool of_turn(const OptionSetting& setting) { return setting.name == "within" || setting.name == "from"; }

/// Configures an attack by the settings that are its own, and its place in the ensemble by the others.
template <typename Configure>
ConfiguredAttack configure(const Spec& spec, const Configure& configure_attack) {
  std::vector<OptionSetting> own;
  std::vector<OptionSetting> of_ensemble;
  for (const OptionSetting& setting : spec.settings) {
    (of_turn(setting) ? of_ensemble : own).push_back(setting);
  }
  ConfiguredAttack attack = configure_attack(own);
  if (of_ensemble.empty()) {
    return attack;
  }
  if (std::ranges::find(attack.info.norms, Norm::kL0) != attack.info.norms.end()) {
    throw Error{ErrorCode::kUsage, "--attack " + spec.name + ":" + of_ensemble.front().name +
                                       ": not of this attack, "
                                       "which knows L0, where no gradient measures a distance"};
  }
  Turn turn;
  set_options(turn, of_ensemble, "--attack " + spec.name);
  if (std::isfinite(turn.within)) {
    attack.within = turn.within;
  }
  attack.from_best = turn.from == Turn::From::kBest;
  if (attack.from_best && !attack.info.takes_starts) {
    throw Error{ErrorCode::kUsage, "--attack " + spec.name + ":from=best: this attack begins at the clean input only"};
  }
  for (const OptionInfo& option : describe_options(turn)) {
    if (std::ranges::find(of_ensemble, option.name, &OptionSetting::name) != of_ensemble.end()) {
      attack.options.push_back(option);
    }
  }
  return attack;
}

/// "; did you mean 'rotate'?", or where to look.
std::string nearest(const std::string& name, const std::vector<std::string>& names) {
  const std::string suggestion = did_you_mean(name, names);
  return suggestion.empty() ? "; see `faultline list attacks` and `faultline list mutators`" : suggestion;
}

/// The attack, or the search over transforms, that a name means.
ConfiguredAttack configure_named(const Spec& parts, const Registries& registries) {
  if (names_transforms(parts.name, registries.mutators)) {
    return configure_transforms(parts.name, parts.settings, registries);
  }
  std::vector<std::string> names{"corruption"};
  for (const AttackRegistry::Entry& entry : registries.attacks.entries()) {
    if (entry.info.name == parts.name && entry.info.kind != AttackKind::kTransforms) {
      return configure(parts, entry.configure);
    }
    names.push_back(entry.info.name);
  }
  if (std::ranges::find(names, parts.name) != names.end()) {
    throw Error{ErrorCode::kUsage,
                "--attack " + parts.name + ": name the transforms instead, as in --attack rotate or translate+rotate"};
  }
  for (const MutatorRegistry::Entry& entry : registries.mutators.entries()) {
    names.push_back(entry.info.name);
  }
  throw Error{ErrorCode::kUsage, "--attack: unknown attack '" + parts.name + "'" + nearest(parts.name, names)};
}

/// Refuses a norm that `who` ("--attack pgd", "--preset fast") does not know.
void check_norm(const std::string& who, const std::vector<Norm>& norms, std::optional<Norm> norm,
                const AttackRegistry& registry) {
  if (!norm) {
    throw Error{ErrorCode::kUsage, who + " needs --norm (and a budget); only transforms need none"};
  }
  if (std::ranges::find(norms, *norm) == norms.end()) {
    throw Error{ErrorCode::kUsage, who + " does not know the norm " + std::string(name_of(*norm)) + ", only " +
                                       norm_list(norms) + attacks_for(*norm, registry)};
  }
}

void check_goal(const std::string& who, const AttackInfo& attack, const Goal& goal) {
  if (goal.kind != Goal::Kind::kUntargeted && !attack.targeted) {
    throw Error{ErrorCode::kUsage, who + " cannot aim at a class; leave --targeted out"};
  }
}

Ensemble of_preset(const Preset& preset, const std::string& who, Norm norm, const Goal& goal,
                   const Registries& registries) {
  Ensemble ensemble{.preset = PresetPlan{preset.name, preset.version}};
  for (const std::string& spec : preset.attacks(norm)) {
    ensemble.attacks.push_back(parse_attack(spec, registries));
    check_goal(who + ": " + ensemble.attacks.back().info.name, ensemble.attacks.back().info, goal);
  }
  return ensemble;
}

}  // namespace

ConfiguredAttack parse_attack(const std::string& spec, const AttackRegistry& registry) {
  const Spec parts = take_apart(spec);
  ConfiguredAttack attack =
      configure(parts, [&](const auto& settings) { return registry.configure(parts.name, settings); });
  attack.spec = spec;
  return attack;
}

ConfiguredAttack parse_attack(const std::string& spec, const Registries& registries) {
  ConfiguredAttack attack = configure_named(take_apart(spec), registries);
  attack.spec = spec;
  return attack;
}

std::vector<ConfiguredAttack> parse_ensemble(const std::vector<std::string>& specs, std::optional<Norm> norm,
                                             const Goal& goal, const Registries& registries) {
  std::vector<ConfiguredAttack> attacks;
  for (const std::string& spec : specs) {
    ConfiguredAttack attack = parse_attack(spec, registries);
    const std::string who = "--attack " + attack.info.name;
    if (!attack.transforms()) {
      check_norm(who, attack.info.norms, norm, registries.attacks);
    }
    check_goal(who, attack.info, goal);
    attacks.push_back(std::move(attack));
  }
  return attacks;
}

Ensemble choose_ensemble(const EnsembleChoice& choice, std::optional<Norm> norm, const Goal& goal,
                         const Registries& registries) {
  if (!choice.attacks.empty()) {
    if (!choice.preset.empty()) {
      throw Error{ErrorCode::kUsage,
                  "--preset and --attack exclude each other; the attacks of a preset: `faultline list presets`"};
    }
    return {.attacks = parse_ensemble(choice.attacks, norm, goal, registries)};
  }
  const Preset& preset = choice.preset.empty() ? presets().front() : find_preset(choice.preset);
  const std::string who = "--preset " + preset.name + (choice.preset.empty() ? " (the default)" : "");
  check_norm(who, preset.norms, norm, registries.attacks);
  return of_preset(preset, who, *norm, goal, registries);
}

void set_oracles(std::vector<ConfiguredAttack>& attacks, const std::vector<std::string>& specs, const Goal& goal,
                 const OracleRegistry& registry) {
  if (specs.empty()) {
    return;
  }
  if (goal.kind != Goal::Kind::kUntargeted) {
    throw Error{ErrorCode::kUsage, "--oracle: --targeted says already what a failure is; leave one of them out"};
  }
  if (std::ranges::none_of(attacks, &ConfiguredAttack::transforms)) {
    throw Error{ErrorCode::kUsage,
                "--oracle: attacks of a norm look for misclassification only; use transforms, as in --attack rotate"};
  }
  std::vector<ConfiguredOracle> oracles;
  std::string text;
  for (const std::string& spec : specs) {
    oracles.push_back(registry.configure(spec, "--oracle"));
    text += (text.empty() ? "" : " or ") + oracles.back().text();
  }
  for (ConfiguredAttack& attack : attacks) {
    if (attack.transforms()) {
      attack.oracles = oracles;
      attack.options.push_back({"oracle", "choice", text, "", ""});
    }
  }
}

std::vector<ConfiguredOracle> oracles_of(const std::vector<ConfiguredAttack>& attacks) {
  std::vector<ConfiguredOracle> oracles;
  for (const ConfiguredAttack& attack : attacks) {
    oracles.insert(oracles.end(), attack.oracles.begin(), attack.oracles.end());
  }
  return oracles;
}

std::vector<AttackPlan> plan_attacks(const std::vector<ConfiguredAttack>& attacks) {
  std::vector<AttackPlan> plans;
  for (const ConfiguredAttack& attack : attacks) {
    plans.push_back({attack.info.name, attack.transforms(), attack.options, attack.spec,
                     attack.knowledge != Knowledge::kGradients});
  }
  return plans;
}

std::string display_name(const AttackPlan& attack) {
  const auto name = std::ranges::find(attack.options, "name", &OptionInfo::name);
  return attack.transforms && name != attack.options.end() ? attack.name + ":" + name->value : attack.name;
}

std::string spec_text(const AttackPlan& attack) {
  std::string text = attack.name;
  for (std::size_t i = 0; i < attack.options.size(); ++i) {
    text += (i == 0 ? ":" : ",") + attack.options[i].name + "=" + attack.options[i].value;
  }
  return text;
}

}  // namespace faultline
