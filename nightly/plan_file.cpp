#include "faultline/nightly/plan_file.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>
#include <utility>

#include <toml++/toml.h>

#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/core/suggest.h"
#include "faultline/data/file.h"
#include "faultline/data/sha256.h"
#include "faultline/nightly/measure.h"

namespace faultline {

namespace {

constexpr std::size_t kLargestPlan = 1 << 20;

const std::vector<std::string> kKinds{"attack", "curve", "corruptions", "fuzz", "replay"};

int line_of(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

/// Names of stages and models become names of files: STAGE@MODEL, and STAGE@MODEL.json beside it.
bool names_files(const std::string& name) {
  return !name.empty() && name.size() <= 64 && name.front() != '.' && !name.ends_with(".json") &&
         std::ranges::all_of(name, [](unsigned char c) {
           return c < 0x80 && (std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.');
         });
}

/// Keys that can be flags of a command.
bool is_flag(const std::string& key) {
  return !key.empty() && key.front() != '-' &&
         std::ranges::all_of(key, [](unsigned char c) { return c < 0x80 && (std::isalnum(c) != 0 || c == '-'); });
}

/// The parser follows dotted keys by recursion, and a key has no line ends.
void refuse_long_lines(const PlanFile& plan, std::string_view source) {
  constexpr std::size_t kLongest = 20'000;
  int line = 1;
  while (!source.empty()) {
    const std::size_t end = std::min(source.find('\n'), source.size());
    if (end > kLongest) {
      throw plan_error(plan, line, "the line is longer than 20,000 bytes");
    }
    source.remove_prefix(std::min(end + 1, source.size()));
    ++line;
  }
}

/// Reads the tables of one file into a plan.
class Reader {
 public:
  explicit Reader(PlanFile& plan) : plan_(plan) {}

  void read(const toml::table& root) {
    check_keys(root, {"goal", "baseline", "model", "data", "stage", "gate"});
    plan_.goal = text(root, "goal").value_or("");
    plan_.baseline = text(root, "baseline").value_or("");
    for (const toml::table* table : tables(root, "model")) {
      add_model(*table);
    }
    const std::vector<const toml::table*> data = tables(root, "data");
    if (data.size() != 1) {
      throw plan_error(plan_, data.empty() ? 1 : line_of(*data.back()),
                       "expected one table [data] with source = \"KIND:PATH\"");
    }
    plan_.data = {.source = required(*data.front(), "data", "source"),
                  .settings = settings(*data.front(), {"source"}),
                  .line = line_of(*data.front())};
    for (const toml::table* table : tables(root, "stage")) {
      add_stage(*table);
    }
    for (const toml::table* table : tables(root, "gate")) {
      add_gate(*table);
    }
    if (plan_.models.empty()) {
      throw plan_error(plan_, 1, "no model; add a table [model] with path = \"FILE.pt\"");
    }
    if (plan_.stages.empty()) {
      throw plan_error(plan_, 1, "no stage; add a table [[stage]] with kind = \"attack\"");
    }
  }

 private:
  [[noreturn]] void fail(const toml::node& node, const std::string& message) const {
    throw plan_error(plan_, line_of(node), message);
  }

  void check_keys(const toml::table& table, const std::vector<std::string>& known) const {
    for (const auto& [key, value] : table) {
      const std::string name(key.str());
      if (std::ranges::find(known, name) == known.end()) {
        fail(value, "unknown key '" + name + "'" + did_you_mean(name, known));
      }
    }
  }

  /// The tables under [key] or [[key]], in order.
  [[nodiscard]] std::vector<const toml::table*> tables(const toml::table& root, const std::string& key) const {
    std::vector<const toml::table*> found;
    const toml::node* node = root.get(key);
    if (node == nullptr) {
      return found;
    }
    if (const toml::table* table = node->as_table()) {
      return {table};
    }
    if (const toml::array* list = node->as_array()) {
      for (const toml::node& entry : *list) {
        const toml::table* table = entry.as_table();
        if (table == nullptr) {
          fail(entry, "'" + key + "': expected a table");
        }
        found.push_back(table);
      }
      return found;
    }
    fail(*node, "'" + key + "': expected a table, [" + key + "]");
  }

  [[nodiscard]] std::optional<std::string> text(const toml::table& table, const std::string& key) const {
    const toml::node* node = table.get(key);
    if (node == nullptr) {
      return std::nullopt;
    }
    if (!node->is_string()) {
      fail(*node, "'" + key + "': expected text in quotes");
    }
    return node->value<std::string>();
  }

  [[nodiscard]] std::string required(const toml::table& table, const std::string& what, const std::string& key) const {
    const std::optional<std::string> value = text(table, key);
    if (!value || value->empty()) {
      fail(table, what + ": the key '" + key + "' is missing");
    }
    return *value;
  }

  /// One of some words; the first when the key is missing.
  [[nodiscard]] std::size_t choice(const toml::table& table, const std::string& key,
                                   const std::vector<std::string>& words) const {
    const std::optional<std::string> value = text(table, key);
    if (!value) {
      return 0;
    }
    const auto found = std::ranges::find(words, *value);
    if (found == words.end()) {
      fail(*table.get(key), "'" + key + "': unknown word '" + *value + "'" + did_you_mean(*value, words));
    }
    return static_cast<std::size_t>(found - words.begin());
  }

  [[nodiscard]] std::string word(const toml::node& node, const std::string& key) const {
    if (node.is_string()) {
      return *node.value<std::string>();
    }
    if (node.is_integer()) {
      return std::to_string(*node.value<std::int64_t>());
    }
    if (node.is_floating_point()) {
      return shortest(*node.value<double>());
    }
    fail(node, "'" + key + "': expected text, a number, true, false or a list of these");
  }

  /// Every key but those that the plan reads itself.
  [[nodiscard]] std::vector<PlanSetting> settings(const toml::table& table, const std::vector<std::string>& own) const {
    std::vector<PlanSetting> found;
    for (const auto& [key, node] : table) {
      PlanSetting setting{
          .key = std::string(key.str()), .line = line_of(node), .off = node.is_boolean() && !*node.value<bool>()};
      if (std::ranges::find(own, setting.key) != own.end()) {
        continue;
      }
      if (!is_flag(setting.key)) {
        fail(node, "unknown key '" + on_one_line(setting.key) + "'");
      }
      if (const toml::array* list = node.as_array()) {
        for (const toml::node& entry : *list) {
          setting.values.push_back(word(entry, setting.key));
        }
        if (setting.values.empty()) {
          fail(node, "'" + setting.key + "': the list is empty");
        }
      } else if (!node.is_boolean()) {
        setting.values.push_back(word(node, setting.key));
      }
      found.push_back(std::move(setting));
    }
    std::ranges::sort(found, {}, &PlanSetting::line);  // a table holds its keys by name
    return found;
  }

  void add_model(const toml::table& table) {
    PlanModel model{.path = required(table, "model", "path"),
                    .settings = settings(table, {"name", "path"}),
                    .line = line_of(table)};
    if (model.path.front() == '-') {
      fail(table, "path: a path that begins with '-' is taken for a flag; write \"./" + model.path + "\"");
    }
    model.name = text(table, "name").value_or(std::filesystem::path(model.path).stem().string());
    check_name(table, "model", model.name);
    for (const PlanModel& other : plan_.models) {
      if (other.name == model.name) {
        fail(table, "two models are called '" + model.name + "'; give one of them another name = \"...\"");
      }
    }
    plan_.models.push_back(std::move(model));
  }

  void check_name(const toml::table& table, const std::string& what, const std::string& name) const {
    if (!names_files(name)) {
      fail(table, what + ": the name '" + name +
                      "' names a folder too; give name = \"...\" of letters, digits, '-', '_' and '.', 64 at most, not "
                      "ending in .json");
    }
  }

  void add_stage(const toml::table& table) {
    (void)required(table, "stage", "kind");
    PlanStage stage{.kind = kKinds[choice(table, "kind", kKinds)],
                    .settings = settings(table, {"name", "kind", "models", "corpus"}),
                    .line = line_of(table)};
    stage.name = text(table, "name").value_or(stage.kind);
    check_name(table, "stage", stage.name);
    if (plan_.stage(stage.name) != nullptr) {
      fail(table, "two stages are called '" + stage.name + "'; give one of them another name = \"...\"");
    }
    if (stage.kind == "replay") {
      stage.corpus = required(table, "replay", "corpus");
    } else if (const std::optional<std::string> corpus = text(table, "corpus")) {
      stage.settings.push_back({"corpus", {*corpus}, line_of(*table.get("corpus"))});
    }
    if (const toml::node* models = table.get("models")) {
      stage.models = model_names(*models);
    }
    plan_.stages.push_back(std::move(stage));
  }

  [[nodiscard]] std::vector<std::string> model_names(const toml::node& node) const {
    std::vector<std::string> names;
    if (const toml::array* list = node.as_array()) {
      for (const toml::node& entry : *list) {
        names.push_back(model_name(entry));
      }
      if (names.empty()) {
        fail(node, "'models': the list is empty; leave it out for all models");
      }
      return names;
    }
    return {model_name(node)};
  }

  [[nodiscard]] std::string model_name(const toml::node& node) const {
    std::vector<std::string> known;
    std::ranges::transform(plan_.models, std::back_inserter(known), &PlanModel::name);
    const std::string name = node.is_string() ? *node.value<std::string>() : "";
    if (std::ranges::find(known, name) == known.end()) {
      fail(node, "no model is called '" + name + "'" + did_you_mean(name, known));
    }
    return name;
  }

  void add_gate(const toml::table& table) {
    check_keys(table, {"name", "stage", "measure", "model", "min", "max", "max-drop", "max-relative-drop",
                       "no-new-failures", "corpus-must-pass", "on", "level", "inconclusive"});
    Gate gate{.stage = stage_name(table), .line = line_of(table)};
    gate.on = static_cast<Gate::On>(choice(table, "on", {"point", "interval"}));
    gate.level = static_cast<Gate::Level>(choice(table, "level", {"fail", "warn", "info"}));
    gate.inconclusive_fails = choice(table, "inconclusive", {"pass", "fail"}) == 1;
    if (const toml::node* model = table.get("model")) {
      gate.model = model_name(*model);
      const std::vector<const PlanModel*> of_stage = plan_.models_of(*plan_.stage(gate.stage));
      if (std::ranges::find(of_stage, gate.model, &PlanModel::name) == of_stage.end()) {
        fail(*model, "the stage '" + gate.stage + "' does not run the model '" + gate.model + "'");
      }
    }
    read_limit(table, gate);
    gate.measure = text(table, "measure").value_or("");
    if (needs_measure(gate.kind) && gate.measure.empty()) {
      fail(table, "gate: the key 'measure' is missing, such as measure = \"robust_accuracy\"");
    }
    check_measure(table, gate);
    gate.name = text(table, "name").value_or(default_name(gate));
    if (gate.name.empty()) {
      fail(table, "'name': the text is empty");
    }
    for (const Gate& other : plan_.gates) {
      if (other.name == gate.name) {
        fail(table, "two gates are called '" + gate.name + "'; give one of them another name = \"...\"");
      }
    }
    plan_.gates.push_back(std::move(gate));
  }

  /// Refuses what the gate's stage can never measure, or not so.
  void check_measure(const toml::table& table, Gate& gate) const {
    const std::string& kind = plan_.stage(gate.stage)->kind;
    if (gate.kind == Gate::Kind::kCorpusMustPass && kind != "replay") {
      fail(table, "gate: corpus-must-pass is of stages of kind replay; '" + gate.stage + "' is of kind " + kind);
    }
    const toml::node* node = table.get("measure");
    if (node == nullptr) {
      return;
    }
    if (!needs_measure(gate.kind)) {
      fail(*node, "'measure' goes with min, max, max-drop and max-relative-drop");
    }
    const std::string probed = "robust_accuracy@";
    if (gate.measure.starts_with(probed)) {  // 8/255 as the curve's own flag takes it
      gate.measure = probed + shortest(parse_number(gate.measure.substr(probed.size()), "measure"));
    }
    if (const std::string problem = problem_of_measure(kind, gate.measure); !problem.empty()) {
      fail(*node, problem);
    }
    const bool is_drop = gate.kind == Gate::Kind::kMaxDrop || gate.kind == Gate::Kind::kMaxRelativeDrop;
    if (is_drop && !falls_when_worse(gate.measure)) {
      fail(*node, "'" + gate.measure + "' rises when things get worse; limit it with max");
    }
    if (gate.on == Gate::On::kInterval && !has_interval(gate.measure)) {
      fail(*node, "'" + gate.measure + "' has no interval; use on = \"point\"");
    }
  }

  [[nodiscard]] std::string stage_name(const toml::table& table) const {
    std::vector<std::string> known;
    std::ranges::transform(plan_.stages, std::back_inserter(known), &PlanStage::name);
    const std::string name = required(table, "gate", "stage");
    if (std::ranges::find(known, name) == known.end()) {
      fail(*table.get("stage"), "no stage is called '" + name + "'" + did_you_mean(name, known));
    }
    return name;
  }

  static bool needs_measure(Gate::Kind kind) {
    return kind != Gate::Kind::kNoNewFailures && kind != Gate::Kind::kCorpusMustPass;
  }

  /// The one key that says what the limit is.
  void read_limit(const toml::table& table, Gate& gate) const {
    constexpr std::array<std::pair<const char*, Gate::Kind>, 6> kLimits{
        {{"min", Gate::Kind::kMin},
         {"max", Gate::Kind::kMax},
         {"max-drop", Gate::Kind::kMaxDrop},
         {"max-relative-drop", Gate::Kind::kMaxRelativeDrop},
         {"no-new-failures", Gate::Kind::kNoNewFailures},
         {"corpus-must-pass", Gate::Kind::kCorpusMustPass}}};
    int limits = 0;
    for (const auto& [key, kind] : kLimits) {
      const toml::node* node = table.get(key);
      if (node == nullptr) {
        continue;
      }
      ++limits;
      gate.kind = kind;
      if (needs_measure(kind)) {
        if (!node->is_number()) {
          fail(*node, std::string("'") + key + "': expected a number");
        }
        gate.limit = *node->value<double>();
        const bool is_share = kind == Gate::Kind::kMaxDrop || kind == Gate::Kind::kMaxRelativeDrop;
        if (!std::isfinite(gate.limit) || (is_share && (gate.limit < 0 || gate.limit > 1))) {
          fail(*node, std::string("'") + key + "': expected " + (is_share ? "a share in 0..1" : "a finite number"));
        }
      } else if (!node->is_boolean() || !*node->value<bool>()) {
        fail(*node, std::string("'") + key + "': expected true");
      }
    }
    if (limits != 1) {
      fail(table,
           "gate: expected exactly one of min, max, max-drop, max-relative-drop, no-new-failures, corpus-must-pass");
    }
  }

  /// The same in every run: it holds no measured value.
  static std::string default_name(const Gate& gate) {
    const std::string of_model = gate.model.empty() ? "" : " of " + gate.model;
    const std::string limit = shortest(gate.limit);
    switch (gate.kind) {
      case Gate::Kind::kMin:
        return gate.stage + ": " + gate.measure + " >= " + limit + of_model;
      case Gate::Kind::kMax:
        return gate.stage + ": " + gate.measure + " <= " + limit + of_model;
      case Gate::Kind::kMaxDrop:
        return gate.stage + ": " + gate.measure + " drops by " + limit + " at most" + of_model;
      case Gate::Kind::kMaxRelativeDrop:
        return gate.stage + ": " + gate.measure + " drops by the share " + limit + " at most" + of_model;
      case Gate::Kind::kNoNewFailures:
        return gate.stage + ": no new failures" + of_model;
      case Gate::Kind::kCorpusMustPass:
        return gate.stage + ": the corpus passes" + of_model;
    }
    return gate.stage;
  }

  PlanFile& plan_;
};

}  // namespace

std::filesystem::path PlanFile::folder() const {
  const std::filesystem::path parent = path.parent_path();
  return parent.empty() ? std::filesystem::path(".") : parent;
}

const PlanStage* PlanFile::stage(std::string_view name) const {
  const auto found = std::ranges::find(stages, name, &PlanStage::name);
  return found == stages.end() ? nullptr : &*found;
}

std::vector<const PlanModel*> PlanFile::models_of(const PlanStage& stage) const {
  std::vector<const PlanModel*> chosen;
  for (const PlanModel& model : models) {
    if (stage.models.empty() || std::ranges::find(stage.models, model.name) != stage.models.end()) {
      chosen.push_back(&model);
    }
  }
  return chosen;
}

void apply_change(PlanFile& plan, const PlanChange& change) {
  const auto stage = std::ranges::find(plan.stages, change.stage, &PlanStage::name);
  FAULTLINE_ASSERT(stage != plan.stages.end(), "a change is of a stage");
  const bool off = change.values == std::vector<std::string>{"false"};
  const PlanSetting setting{change.key, off ? std::vector<std::string>() : change.values, stage->line, off};
  const auto known = std::ranges::find(stage->settings, change.key, &PlanSetting::key);
  if (known == stage->settings.end()) {
    stage->settings.push_back(setting);
  } else {
    *known = setting;
  }
  plan.changes.push_back(change);
}

Error plan_error(const PlanFile& plan, int line, const std::string& message) {
  return Error{ErrorCode::kUsage, plan.path.string() + ":" + std::to_string(line) + ": " + message};
}

PlanFile read_plan_file(const std::filesystem::path& path) {
  const MappedFile file(path);
  PlanFile plan{.path = path, .sha256 = sha256_of(file.bytes())};
  if (file.bytes().size() > kLargestPlan) {
    refuse(path.string(), "larger than 1 MiB; this is no plan");
  }
  const std::string_view source(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  refuse_long_lines(plan, source);
  try {
    Reader(plan).read(toml::parse(source));
  } catch (const toml::parse_error& error) {
    throw plan_error(plan, static_cast<int>(error.source().begin.line), on_one_line(std::string(error.description())));
  }
  return plan;
}

}  // namespace faultline
