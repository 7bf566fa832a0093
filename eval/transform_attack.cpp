#include "faultline/eval/transform_attack.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/core/split.h"
#include "faultline/core/suggest.h"
#include "faultline/core/transform_grid.h"
#include "faultline/eval/transform_spec.h"

namespace faultline {

namespace {

constexpr const char* kCorruption = "corruption";
constexpr const char* kSearch = "transform-search";

/// What a user may write for the parameters, for messages.
std::vector<std::string> known_settings(const TransformSpec& spec) {
  std::vector<std::string> names;
  for (const StepSpec& step : spec.steps) {
    for (const ParameterInfo& parameter : step.mutator->parameters) {
      if (parameter.names.empty()) {
        names.push_back("max-" + parameter.name);
        names.push_back("min-" + parameter.name);
      }
      names.push_back(parameter.name);
    }
  }
  return names;
}

/// One "name=value" about parameters, taken apart.
struct ParameterSetting {
  enum class Role { kHold, kLeast, kMost };
  std::string mutator{};  ///< Empty: whichever has it.
  std::string name{};     ///< Of the parameter, or a unit.
  Role role = Role::kHold;
};

ParameterSetting take_setting_apart(const std::string& name) {
  ParameterSetting setting;
  const std::size_t dot = name.find('.');
  setting.mutator = dot == std::string::npos ? "" : name.substr(0, dot);
  setting.name = dot == std::string::npos ? name : name.substr(dot + 1);
  for (const auto& [prefix, role] :
       {std::pair("max-", ParameterSetting::Role::kMost), std::pair("min-", ParameterSetting::Role::kLeast)}) {
    if (setting.name.starts_with(prefix)) {
      setting.name.erase(0, 4);
      setting.role = role;
    }
  }
  return setting;
}

double parameter_value(const ParameterInfo& parameter, const ParameterSetting& setting, const std::string& text,
                       const std::string& where) {
  if (!parameter.names.empty()) {
    const auto place = std::ranges::find(parameter.names, text);
    if (place == parameter.names.end()) {
      throw Error{ErrorCode::kUsage, where + ": unknown value '" + text + "'" + did_you_mean(text, parameter.names)};
    }
    return static_cast<double>(place - parameter.names.begin());
  }
  const double value = parse_number(text, where);
  const bool sizes = parameter.scale.symmetric && setting.role == ParameterSetting::Role::kMost;
  const double lower = sizes ? 0 : parameter.scale.lower;
  if (value < lower || value > parameter.scale.upper || (parameter.integer && value != std::round(value))) {
    throw Error{ErrorCode::kUsage, where + ": expected " + (parameter.integer ? "a whole number in " : "") +
                                       shortest(lower) + ".." + shortest(parameter.scale.upper) + ", got '" + text +
                                       "'"};
  }
  return value;
}

void set(Limit& limit, ParameterSetting::Role role, double value) {
  switch (role) {
    case ParameterSetting::Role::kHold:
      limit.held = value;
      return;
    case ParameterSetting::Role::kLeast:
      limit.least = value;
      return;
    case ParameterSetting::Role::kMost:
      limit.most = value;
      return;
  }
}

/// Sets every parameter that the setting names, or, when none is called so, every one in that unit. Returns whether
/// there was one.
bool set_parameters(TransformSpec& spec, const OptionSetting& setting) {
  const ParameterSetting parts = take_setting_apart(setting.name);
  bool found = false;
  for (const bool by_unit : {false, true}) {
    for (StepSpec& step : spec.steps) {
      if (found && by_unit) {
        return true;
      }
      if (!parts.mutator.empty() && parts.mutator != step.mutator->info.name) {
        continue;
      }
      for (std::size_t i = 0; i < step.limits.size(); ++i) {
        const ParameterInfo& parameter = step.mutator->parameters[i];
        const bool limits_choice = !parameter.names.empty() && parts.role != ParameterSetting::Role::kHold;
        if ((by_unit ? parameter.scale.unit : parameter.name) == parts.name && !parts.name.empty() && !limits_choice) {
          const std::string where = spec.text + ":" + setting.name;
          set(step.limits[i], parts.role, parameter_value(parameter, parts, setting.value, where));
          found = true;
        }
      }
    }
  }
  return found;
}

/// Whether a parameter goes as far as the severity says.
bool follows_severity(const ParameterInfo& parameter, const Limit& limit) {
  const bool limited = parameter.scale.symmetric ? limit.most.has_value() : limit.least && limit.most;
  return parameter.names.empty() && !limit.held && !limited;
}

bool follows_severity(const StepSpec& step) {
  for (std::size_t i = 0; i < step.limits.size(); ++i) {
    if (follows_severity(step.mutator->parameters[i], step.limits[i])) {
      return true;
    }
  }
  return false;
}

bool follows_severity(const TransformSpec& spec) {
  return !spec.corruption.empty() ||
         std::ranges::any_of(spec.steps, [](const StepSpec& step) { return follows_severity(step); });
}

TransformSpec steps_named(const std::string& name, const MutatorRegistry& mutators) {
  TransformSpec spec{.text = "--attack " + name, .mutators = &mutators};
  for (const std::string& part : split(name, '+')) {
    const MutatorRegistry::Entry& mutator = mutators.at(part);
    if (std::ranges::any_of(spec.steps, [&](const StepSpec& step) { return step.mutator == &mutator; })) {
      throw Error{ErrorCode::kUsage, spec.text + ": " + part + " is named twice"};
    }
    spec.steps.push_back({&mutator, std::vector<Limit>(mutator.parameters.size())});
    spec.severity = std::min(spec.severity, std::max(1, mutator.info.preserves));
  }
  if (spec.steps.size() > kMostTransformSteps) {
    throw Error{ErrorCode::kUsage,
                spec.text + ": expected at most " + std::to_string(kMostTransformSteps) + " mutators"};
  }
  return spec;
}

/// What the user set, as it is told again.
OptionInfo told(const OptionSetting& setting) {
  const bool number = setting.value.find_first_not_of("0123456789.+-/eE") == std::string::npos;
  return {setting.name, number ? "number" : "choice",
          number ? shortest(parse_number(setting.value, setting.name)) : setting.value, "", ""};
}

bool is_search_option(const AttackRegistry& attacks, const std::string& name) {
  for (const AttackRegistry::Entry& entry : attacks.entries()) {
    if (entry.info.name == kSearch) {
      return std::ranges::any_of(entry.options, [&](const OptionInfo& option) { return option.name == name; });
    }
  }
  return false;
}

/// Takes severity, profile and name of a corruption; returns whether the setting was one of them.
bool set_whole(TransformSpec& spec, const OptionSetting& setting, bool corruption) {
  const std::string where = spec.text + ":" + setting.name;
  if (setting.name == "severity") {
    const auto severity = parse_integer(setting.value, where);
    if (severity < 1 || severity > kSeverities) {
      throw Error{ErrorCode::kUsage, where + ": expected 1..5, got '" + setting.value + "'"};
    }
    spec.severity = static_cast<int>(severity);
    return true;
  }
  if (corruption && setting.name == "profile") {
    spec.profile = corruption_profile(setting.value).name;
    return true;
  }
  if (corruption && setting.name == "name") {
    spec.corruption = corruption_named(corruption_profiles().front(), setting.value, spec.text).name;
    return true;
  }
  return false;
}

/// Throws now where the search would later.
void check_grid(const ConfiguredAttack& search, const TransformSpace& space) {
  const auto value = [&](const std::string& name) {
    return std::ranges::find(search.options, name, &OptionInfo::name)->value;
  };
  if (value("search") == "grid") {
    (void)grid_over(space, parse_integer(value("queries"), "queries"));
  }
}

/// Everything behind the colon.
struct Wishes {
  TransformSpec spec{};
  std::vector<OptionSetting> search{};  ///< Options of the search.
  std::vector<OptionInfo> told{};       ///< The others, as they are told again.
};

[[noreturn]] void refuse_option(const TransformSpec& spec, const std::string& name, bool corruption) {
  std::vector<std::string> known = known_settings(spec);
  known.insert(known.end(), {"severity", "search", "queries", "keep"});
  if (corruption) {
    known.insert(known.end(), {"name", "profile"});
  }
  throw Error{ErrorCode::kUsage, spec.text + ": unknown option '" + name + "'" + did_you_mean(name, known)};
}

Wishes read_settings(const std::string& name, const std::vector<OptionSetting>& settings,
                     const Registries& registries) {
  const bool corruption = name == kCorruption;
  Wishes wishes{.spec = corruption ? TransformSpec{.text = "--attack corruption", .mutators = &registries.mutators}
                                   : steps_named(name, registries.mutators)};
  TransformSpec& spec = wishes.spec;
  std::set<std::string> seen;
  for (const OptionSetting& setting : settings) {
    if (!seen.insert(setting.name).second) {
      throw Error{ErrorCode::kUsage, spec.text + ": option '" + setting.name + "' is given twice"};
    }
    if (is_search_option(registries.attacks, setting.name)) {
      wishes.search.push_back(setting);
    } else if (set_whole(spec, setting, corruption)) {
      if (setting.name != "severity") {
        wishes.told.push_back({setting.name, "choice", setting.value, "", ""});
      }
    } else if (set_parameters(spec, setting)) {
      wishes.told.push_back(told(setting));
    } else {
      refuse_option(spec, setting.name, corruption);
    }
  }
  if (corruption && spec.corruption.empty()) {
    throw Error{ErrorCode::kUsage, "--attack corruption: which? Write --attack corruption:name=fog"};
  }
  if (follows_severity(spec)) {
    wishes.told.push_back({"severity", "integer", std::to_string(spec.severity), "1..5", ""});
  }
  return wishes;
}

}  // namespace

bool names_transforms(const std::string& name, const MutatorRegistry& mutators) {
  return name == kCorruption || name.find('+') != std::string::npos ||
         std::ranges::any_of(mutators.entries(), [&](const auto& entry) { return entry.info.name == name; });
}

ConfiguredAttack configure_transforms(const std::string& name, const std::vector<OptionSetting>& settings,
                                      const Registries& registries) {
  Wishes wishes = read_settings(name, settings, registries);
  const TransformSpec& spec = wishes.spec;
  // A grid is exhaustive on one parameter or two; on more, and where the draw matters, the local search finds more
  // (measured: docs/transforms.md).
  constexpr std::int64_t kAnySide = 32;
  const TransformSpace space = space_of(spec, {3, kAnySide, kAnySide});
  const bool strategy_given = std::ranges::find(wishes.search, "search", &OptionSetting::name) != wishes.search.end();
  if (!strategy_given && (space.axes().size() > 2 || space.random())) {
    wishes.search.push_back({"search", "local"});
  }
  ConfiguredAttack attack = registries.attacks.configure(kSearch, wishes.search);
  check_grid(attack, space);
  attack.info.name = name;
  attack.knowledge = space.needs_gradient() ? Knowledge::kGradients : attack.knowledge;
  attack.options.insert(attack.options.begin(), wishes.told.begin(), wishes.told.end());
  attack.space = [spec](const std::vector<std::int64_t>& shape) { return space_of(spec, shape); };
  attack.cautions = [spec](const std::vector<std::int64_t>& shape) { return cautions_of(spec, shape); };
  return attack;
}

}  // namespace faultline
