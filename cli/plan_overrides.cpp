#include "faultline/cli/plan_overrides.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "faultline/cli/commands.h"
#include "faultline/core/error.h"
#include "faultline/core/suggest.h"
#include "faultline/nightly/stage_command.h"

namespace faultline {

namespace {

/// A value for one stage, or for all that take it.
struct Override {
  std::string stage{};
  std::string key{};
  std::vector<std::string> values{};
  std::string why{};
};

/// Reads "[STAGE.]KEY=VALUE"; "true" stands for a flag without value, as in a plan.
Override parse_set(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::size_t dot = text.substr(0, equals).rfind('.');
  Override one{.why = "--set"};
  if (equals != std::string::npos) {
    one.stage = dot == std::string::npos ? "" : text.substr(0, dot);
    const std::size_t begin = dot == std::string::npos ? 0 : dot + 1;
    one.key = text.substr(begin, equals - begin);
  }
  const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
  if (one.key.empty() || value.empty()) {
    throw Error{ErrorCode::kUsage,
                "--set " + text + ": expected [STAGE.]KEY=VALUE, such as limit=100 or linf.epsilon=0.2"};
  }
  if (value != "true") {
    one.values = {value};
  }
  return one;
}

/// All that the flags say; a key that --set names several times has several values.
std::vector<Override> overrides_of(const OverrideFlags& flags) {
  std::vector<Override> all;
  for (const std::string& text : flags.set) {
    Override one = parse_set(text);
    const auto same = std::ranges::find_if(
        all, [&](const Override& other) { return other.stage == one.stage && other.key == one.key; });
    if (same == all.end()) {
      all.push_back(std::move(one));
    } else {
      same->values.insert(same->values.end(), one.values.begin(), one.values.end());
    }
  }
  for (const auto& [key, value] :
       {std::pair("limit", flags.limit), std::pair("seed", flags.seed), std::pair("device", flags.device)}) {
    if (!value.empty()) {
      all.push_back({.key = key, .values = {value}, .why = std::string("--") + key});
    }
  }
  return all;
}

std::vector<std::string> stage_names(const PlanFile& plan) {
  std::vector<std::string> names;
  std::ranges::transform(plan.stages, std::back_inserter(names), &PlanStage::name);
  return names;
}

/// What a stage says of a key before it is changed, of its first model.
std::string value_before(const PlanFile& plan, const std::string& stage, const std::string& key) {
  for (const StageRun& run : stage_runs(plan)) {
    if (run.stage->name == stage) {
      const std::optional<std::string> value = setting_value(settings_of(plan, run), key);
      return value && value->empty() ? "set" : value.value_or("the default");
    }
  }
  return "the default";
}

}  // namespace

void add_override_flags(CLI::App& app, OverrideFlags& flags) {
  app.add_option("--limit", flags.limit, "at most this many samples in every stage, whatever the plan says");
  app.add_option("--seed", flags.seed, "seed of every stage, whatever the plan says");
  app.add_option("--device", flags.device, "device of every stage, whatever the plan says");
  app.add_option("--set", flags.set,
                 "[STAGE.]KEY=VALUE instead of what the plan says, in that stage or in all that have the key; may be "
                 "repeated");
}

void apply_overrides(PlanFile& plan, const OverrideFlags& flags, const Registries& registries) {
  const std::vector<std::string> names = stage_names(plan);
  for (const Override& one : overrides_of(flags)) {
    if (!one.stage.empty() && std::ranges::find(names, one.stage) == names.end()) {
      throw Error{ErrorCode::kUsage,
                  one.why + ": no stage is called '" + one.stage + "'" + did_you_mean(one.stage, names)};
    }
    bool known = false;
    for (const std::string& name : names) {
      if (one.stage.empty() ? flag_kind(plan.stage(name)->kind, one.key, registries) != FlagKind::kUnknown
                            : one.stage == name) {
        known = true;
        const std::string before = value_before(plan, name, one.key);
        if (one.values != std::vector<std::string>{before}) {
          apply_change(plan, {.stage = name, .key = one.key, .values = one.values, .before = before, .why = one.why});
        }
      }
    }
    if (!known) {
      throw Error{ErrorCode::kUsage, one.why + ": no stage of the plan takes '" + one.key + "'"};
    }
  }
}

}  // namespace faultline
