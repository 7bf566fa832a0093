#include <CLI/CLI.hpp>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/flags.h"
#include "faultline/cli/list_mutators.h"
#include "faultline/cli/list_presets.h"
#include "faultline/core/error.h"
#include "faultline/core/suggest.h"
#include "faultline/data/json.h"
#include "faultline/report/mutator_sheet.h"

namespace faultline {

namespace {

struct ListFlags {
  std::string kind{};
  std::string sheet{};
  DataFlags data{};
  bool markdown = false;
  bool json = false;
};

std::string knowledge_text(Knowledge knowledge) {
  switch (knowledge) {
    case Knowledge::kDecisions:
      return "decisions";
    case Knowledge::kScores:
      return "scores";
    case Knowledge::kGradients:
      return "gradients";
  }
  return {};
}

std::vector<std::string> norm_names(const AttackInfo& info) {
  std::vector<std::string> names;
  for (const Norm norm : info.norms) {
    names.emplace_back(name_of(norm));
  }
  return names;
}

std::string kind_text(AttackKind kind) {
  switch (kind) {
    case AttackKind::kFixedBudget:
      return "fixed budget";
    case AttackKind::kMinimumNorm:
      return "minimum norm";
    case AttackKind::kTransforms:
      return "transforms";
  }
  return {};
}

Json options_json(const std::vector<OptionInfo>& options) {
  Json list = Json::array();
  for (const OptionInfo& option : options) {
    list.push_back({{"name", option.name},
                    {"type", option.type},
                    {"default", option.value},
                    {"range", option.range},
                    {"help", option.help}});
  }
  return list;
}

Json attacks_json(const AttackRegistry& registry) {
  Json list = Json::array();
  for (const AttackRegistry::Entry& entry : registry.entries()) {
    list.push_back({{"name", entry.info.name},
                    {"kind", kind_text(entry.info.kind)},
                    {"knowledge", knowledge_text(entry.knowledge)},
                    {"norms", norm_names(entry.info)},
                    {"targeted", entry.info.targeted},
                    {"paper", entry.info.paper},
                    {"cost", entry.info.cost},
                    {"summary", entry.info.summary},
                    {"options", options_json(entry.options)}});
  }
  return list;
}

Json data_json(const DataRegistry& registry) {
  Json list = Json::array();
  for (const DataRegistry::Entry& entry : registry.entries()) {
    list.push_back({{"name", entry.kind}, {"pattern", entry.pattern}, {"summary", entry.summary}});
  }
  return list;
}

void print_options(const std::vector<OptionInfo>& options) {
  for (const OptionInfo& option : options) {
    std::string line = "    " + option.name + "=" + option.value;
    line.resize(std::max<std::size_t>(line.size() + 1, 32), ' ');
    print(line + option.help + " (" + option.range + ")\n");
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

/// The table of docs/attacks.md.
std::string attacks_markdown(const AttackRegistry& registry) {
  std::string text =
      "| attack | what it does | kind | needs | norms | at a class | cost | paper "
      "|\n|---|---|---|---|---|---|---|---|\n";
  for (const AttackRegistry::Entry& entry : registry.entries()) {
    const AttackInfo& info = entry.info;
    text += "| `" + info.name + "` | " + info.summary + " | " + kind_text(info.kind) + " | " +
            knowledge_text(entry.knowledge) + " | " + joined(norm_names(info)) + " | " +
            (info.targeted ? "yes" : "no") + " | " + info.cost + " | " + info.paper + " |\n";
  }
  return text;
}

void print_attacks(const AttackRegistry& registry) {
  for (const AttackRegistry::Entry& entry : registry.entries()) {
    std::string norms;
    for (const std::string& name : norm_names(entry.info)) {
      norms += " " + name;
    }
    print(bold(entry.info.name) + "  " + entry.info.summary + "\n  needs " + knowledge_text(entry.knowledge) +
          (norms.empty() ? "; images, any change" : "; norms" + norms) + "; costs " + entry.info.cost + "; " +
          entry.info.paper + "\n");
    print_options(entry.options);
    print("\n");
  }
}

Json oracles_json(const OracleRegistry& registry) {
  Json list = Json::array();
  for (const OracleRegistry::Entry& entry : registry.entries()) {
    list.push_back({{"name", entry.info.name},
                    {"sentence", entry.info.sentence},
                    {"label_source", name_of(entry.info.label_source)},
                    {"needs_other_model", entry.info.needs_others},
                    {"options", options_json(entry.options)}});
  }
  return list;
}

void print_oracles(const OracleRegistry& registry) {
  for (const OracleRegistry::Entry& entry : registry.entries()) {
    print(bold(entry.info.name) + "  " + entry.info.sentence + "\n" +
          (entry.info.needs_others ? "  needs --against MODEL\n" : ""));
    print_options(entry.options);
    print("\n");
  }
}

void print_data(const DataRegistry& registry) {
  for (const DataRegistry::Entry& entry : registry.entries()) {
    std::string line = "  " + entry.pattern;
    line.resize(std::max<std::size_t>(line.size() + 2, 30), ' ');
    print(line + entry.summary + "\n");
  }
}

/// A picture of every mutator on the first of the selected samples.
int write_sheet(const ListFlags& flags, const Registries& registries) {
  if (flags.data.spec.empty()) {
    throw Error{ErrorCode::kUsage, "--sheet needs --data DATA: the sample that the mutators are shown on"};
  }
  const DataOptions options = parse_data_options(flags.data);
  const std::unique_ptr<Dataset> data = registries.data.open(flags.data.spec, options);
  (void)selected(flags.data, data->size());
  const Tensor input = data->read(flags.data.offset, 1)[0];
  write_mutator_sheet(flags.sheet, registries.mutators.entries(), {input}, options.bounds);
  const auto shown = std::ranges::count_if(registries.mutators.entries(),
                                           [](const auto& entry) { return !entry.info.needs_gradient; });
  print("wrote " + flags.sheet + ": " + std::to_string(shown) + " mutators, severities 0 to 5, on sample " +
        std::to_string(flags.data.offset) + "\n");
  return 0;
}

int list(const ListFlags& flags, const Registries& registries) {
  const std::vector<std::string> kinds{"attacks", "presets", "mutators", "oracles", "data"};
  if (!flags.kind.empty() && std::ranges::find(kinds, flags.kind) == kinds.end()) {
    throw Error{ErrorCode::kUsage, "list: unknown kind '" + flags.kind + "'" + did_you_mean(flags.kind, kinds)};
  }
  if (!flags.sheet.empty() && flags.kind != "mutators") {
    throw Error{ErrorCode::kUsage, "--sheet belongs to `faultline list mutators`"};
  }
  if (flags.markdown && flags.kind != "mutators" && flags.kind != "attacks") {
    throw Error{ErrorCode::kUsage, "--markdown belongs to `faultline list mutators` and `faultline list attacks`"};
  }
  if (flags.json && (!flags.sheet.empty() || flags.markdown)) {
    throw Error{ErrorCode::kUsage, "--json: a sheet or a page is no document; leave one of them out"};
  }
  if (!flags.sheet.empty()) {
    return write_sheet(flags, registries);
  }
  if (flags.markdown) {
    print(flags.kind == "mutators" ? mutators_markdown(registries.mutators) : attacks_markdown(registries.attacks));
    return 0;
  }
  const auto wanted = [&](const char* kind) { return flags.kind.empty() || flags.kind == kind; };
  if (flags.json) {
    Json json = Json::object();
    if (wanted("attacks")) {
      json["attacks"] = attacks_json(registries.attacks);
    }
    if (wanted("presets")) {
      json["presets"] = presets_json();
    }
    if (wanted("mutators")) {
      json["mutators"] = mutators_json(registries.mutators);
    }
    if (wanted("oracles")) {
      json["oracles"] = oracles_json(registries.oracles);
    }
    if (wanted("data")) {
      json["data"] = data_json(registries.data);
    }
    print(json_text(json));
    return 0;
  }
  if (wanted("attacks")) {
    print_attacks(registries.attacks);
  }
  if (wanted("presets")) {
    print(presets_text());
  }
  if (wanted("mutators")) {
    print(mutators_text(registries.mutators));
  }
  if (wanted("oracles")) {
    print_oracles(registries.oracles);
  }
  if (wanted("data")) {
    print(bold("data") + "  what --data takes\n");
    print_data(registries.data);
  }
  return 0;
}

}  // namespace

void add_list_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<ListFlags>();
  CLI::App* command =
      app.add_subcommand("list", "attacks, presets, mutators and oracles with their options, kinds of data");
  command->footer(
      "Examples:\n"
      "  faultline list attacks\n"
      "  faultline list mutators --sheet sheet.png --data mnist:DIR\n\n"
      "Lists what this program knows.");
  command->add_option("KIND", flags->kind, "attacks, presets, mutators, oracles or data (default: all)");
  CLI::Option* sheet = command->add_option("--sheet", flags->sheet,
                                           "of mutators: write a PNG of each at every severity on a sample of --data");
  add_data_flags(*command, flags->data, /*required=*/false);
  command->get_option("--data")->needs(sheet);
  command->add_flag("--markdown", flags->markdown,
                    "of mutators: print the page docs/mutators.md; of attacks: the table of docs/attacks.md");
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] {
    context.chosen = [flags, &registries = context.registries] { return list(*flags, registries); };
  });
}

}  // namespace faultline
