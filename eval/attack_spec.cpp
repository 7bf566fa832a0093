#include "faultline/eval/attack_spec.h"

#include <algorithm>

namespace faultline {

namespace {

/// Until presets exist: projected gradient descent with its defaults (100 steps, random start, margin loss).
constexpr const char* kDefaultAttack = "pgd";

std::vector<OptionSetting> parse_settings(std::string_view text, const std::string& spec) {
  std::vector<OptionSetting> settings;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view item = text.substr(0, comma);
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      throw Error{ErrorCode::kUsage, "--attack " + spec + ": expected key=value, got '" + std::string(item) + "'"};
    }
    settings.push_back({std::string(item.substr(0, equals)), std::string(item.substr(equals + 1))});
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return settings;
}

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

}  // namespace

ConfiguredAttack parse_attack(const std::string& spec, const AttackRegistry& registry) {
  const std::size_t colon = spec.find(':');
  if (spec.substr(0, colon).find(',') != std::string::npos) {
    throw Error{ErrorCode::kUsage, "--attack " + spec + ": expected one attack; for an ensemble repeat --attack"};
  }
  const std::string_view settings =
      colon == std::string::npos ? std::string_view{} : std::string_view(spec).substr(colon + 1);
  return registry.configure(spec.substr(0, colon), parse_settings(settings, spec));
}

std::vector<ConfiguredAttack> parse_ensemble(const std::vector<std::string>& specs, Norm norm, const Goal& goal,
                                             const AttackRegistry& registry) {
  std::vector<ConfiguredAttack> attacks;
  for (const std::string& spec : specs.empty() ? std::vector<std::string>{kDefaultAttack} : specs) {
    ConfiguredAttack attack = parse_attack(spec, registry);
    if (std::ranges::find(attack.info.norms, norm) == attack.info.norms.end()) {
      throw Error{ErrorCode::kUsage, "--attack " + attack.info.name + (specs.empty() ? " (the default)" : "") +
                                         " does not know the norm " + std::string(name_of(norm)) + ", only " +
                                         norm_list(attack.info.norms) + attacks_for(norm, registry)};
    }
    if (goal.kind != Goal::Kind::kUntargeted && !attack.info.targeted) {
      throw Error{ErrorCode::kUsage, "--attack " + attack.info.name + " cannot aim at a class; leave --targeted out"};
    }
    attacks.push_back(std::move(attack));
  }
  return attacks;
}

std::vector<AttackPlan> plan_attacks(const std::vector<ConfiguredAttack>& attacks) {
  std::vector<AttackPlan> plans;
  for (const ConfiguredAttack& attack : attacks) {
    plans.push_back({attack.info.name, attack.options});
  }
  return plans;
}

std::string spec_text(const AttackPlan& attack) {
  std::string text = attack.name;
  for (std::size_t i = 0; i < attack.options.size(); ++i) {
    text += (i == 0 ? ":" : ",") + attack.options[i].name + "=" + attack.options[i].value;
  }
  return text;
}

}  // namespace faultline
