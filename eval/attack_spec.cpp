#include "faultline/eval/attack_spec.h"

#include <algorithm>

#include "faultline/core/suggest.h"
#include "faultline/eval/transform_attack.h"

namespace faultline {

namespace {

/// Until presets exist: projected gradient descent with its defaults (100 steps, random start, margin loss).
constexpr const char* kDefaultAttack = "pgd";

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

/// "; did you mean 'rotate'?", or where to look.
std::string nearest(const std::string& name, const std::vector<std::string>& names) {
  const std::string suggestion = did_you_mean(name, names);
  return suggestion.empty() ? "; see `faultline list attacks` and `faultline list mutators`" : suggestion;
}

void check_norm(const AttackInfo& attack, std::optional<Norm> norm, const std::string& remark,
                const AttackRegistry& registry) {
  if (!norm) {
    throw Error{ErrorCode::kUsage,
                "--attack " + attack.name + remark + " needs --norm (and a budget); only transforms need none"};
  }
  if (std::ranges::find(attack.norms, *norm) == attack.norms.end()) {
    throw Error{ErrorCode::kUsage, "--attack " + attack.name + remark + " does not know the norm " +
                                       std::string(name_of(*norm)) + ", only " + norm_list(attack.norms) +
                                       attacks_for(*norm, registry)};
  }
}

}  // namespace

ConfiguredAttack parse_attack(const std::string& spec, const AttackRegistry& registry) {
  const Spec parts = take_apart(spec);
  return registry.configure(parts.name, parts.settings);
}

ConfiguredAttack parse_attack(const std::string& spec, const Registries& registries) {
  const Spec parts = take_apart(spec);
  if (names_transforms(parts.name, registries.mutators)) {
    return configure_transforms(parts.name, parts.settings, registries);
  }
  std::vector<std::string> names{"corruption"};
  for (const AttackRegistry::Entry& entry : registries.attacks.entries()) {
    if (entry.info.name == parts.name && entry.info.kind != AttackKind::kTransforms) {
      return entry.configure(parts.settings);
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

std::vector<ConfiguredAttack> parse_ensemble(const std::vector<std::string>& specs, std::optional<Norm> norm,
                                             const Goal& goal, const Registries& registries) {
  std::vector<ConfiguredAttack> attacks;
  for (const std::string& spec : specs.empty() ? std::vector<std::string>{kDefaultAttack} : specs) {
    ConfiguredAttack attack = parse_attack(spec, registries);
    if (!attack.transforms()) {
      check_norm(attack.info, norm, specs.empty() ? " (the default)" : "", registries.attacks);
    }
    if (goal.kind != Goal::Kind::kUntargeted && !attack.info.targeted) {
      throw Error{ErrorCode::kUsage, "--attack " + attack.info.name + " cannot aim at a class; leave --targeted out"};
    }
    attacks.push_back(std::move(attack));
  }
  return attacks;
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
    plans.push_back({attack.info.name, attack.transforms(), attack.options});
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
