#include "faultline/report/bug_report.h"

#include <algorithm>

#include "faultline/core/number.h"
#include "faultline/data/array.h"
#include "faultline/eval/recipe_json.h"
#include "faultline/report/command_line.h"

namespace faultline {

namespace {

/// Markdown and HTML read nothing into it.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '<') {
      result += "&lt;";
    } else if (c == '&') {
      result += "&amp;";
    } else {
      if (std::string_view("\\`*_{}[]()#|!~").find(c) != std::string_view::npos) {
        result += '\\';
      }
      result += c == '\n' ? ' ' : c;
    }
  }
  return result;
}

/// A heading and what is known under it.
struct Section {
  std::string title{};
  std::vector<std::pair<std::string, std::string>> facts{};
};

std::string logits_text(const Discovery& discovery) {
  std::string text;
  for (const auto& [number, logit] : discovery.logits) {
    text += (text.empty() ? "" : ", ") + std::to_string(number) + ": " + shortest(logit);
  }
  return text;
}

std::string options_text(const Discovery& discovery) {
  std::string text = discovery.attack;
  char separator = ':';
  for (const auto& [name, value] : discovery.options) {
    text += separator + name + "=" + value;
    separator = ',';
  }
  return text;
}

Section failure_section(const BugReport& report) {
  const auto& [finding, discoveries] = report.stored;
  const Failure& failure = finding.failure;
  Section section{.title = "Finding " + short_id(finding.id) + ": " + failure.oracle + ", label " +
                           std::to_string(failure.label)};
  if (!discoveries.empty() && first_of(discoveries).prediction >= 0) {
    section.title += " taken for " + std::to_string(first_of(discoveries).prediction);
  }
  section.facts = {{"id", finding.id},
                   {"oracle", failure.oracle},
                   {"label", std::to_string(failure.label) + ", from the " + failure.label_source}};
  if (failure.target) {
    section.facts.emplace_back("target", std::to_string(*failure.target));
  }
  section.facts.emplace_back("threat", failure.budget ? std::string(name_of(failure.budget->norm)) + ", epsilon " +
                                                            shortest(failure.budget->epsilon)
                                                      : "no norm");
  section.facts.emplace_back("bounds", shortest(failure.bounds.lower) + " to " + shortest(failure.bounds.upper));
  section.facts.emplace_back("shape", shape_text(failure.shape));
  for (const auto& [line, state] : report.states) {
    section.facts.emplace_back("state on line " + line, state);
  }
  return section;
}

/// Of a targeted search the margin at the witness is that of the class aimed at.
Section discovery_section(const Discovery& discovery, const Failure& failure) {
  const std::string flags = preprocessing_flags(discovery.preprocessing);
  Section section{.title = "Found by " + discovery.attack + " on " + discovery.date};
  section.facts = {
      {"line of models", discovery.line},
      {"model (SHA-256)", discovery.model},
      {"preprocessing", flags.empty() ? "none" : flags},
      {"data (SHA-256)", discovery.data},
      {"sample", std::to_string(discovery.sample)},
      {"attack", options_text(discovery)},
      {"seed", std::to_string(discovery.seed)},
      {"clean input taken for",
       std::to_string(discovery.clean_prediction) + ", margin " + shortest(discovery.clean_margin)},
      {"witness taken for", discovery.prediction < 0
                                ? "no class: nothing was answered, or no answer judged"
                                : std::to_string(discovery.prediction) + ", margin " +
                                      (failure.target ? "to the target " : "") + shortest(discovery.margin) +
                                      ", confidence " + shortest(discovery.confidence)},
      {"highest logits", logits_text(discovery)},
      {"versions", "Faultline " + discovery.faultline + ", LibTorch " + discovery.libtorch}};
  if (failure.budget) {
    section.facts.emplace_back("distance", shortest(discovery.distance));
  }
  if (!discovery.recipe.empty()) {
    section.facts.emplace_back("recipe", recipe_text(parse_json(discovery.recipe)));
  }
  for (const std::string& parent : discovery.parents) {
    section.facts.emplace_back("made from", parent);
  }
  return section;
}

std::vector<Section> discovery_sections(const BugReport& report) {
  std::vector<Section> sections;
  for (const Discovery& discovery : report.stored.discoveries) {
    sections.push_back(discovery_section(discovery, report.stored.finding.failure));
  }
  return sections;
}

std::string markdown_table(const Section& section) {
  std::string text = "| what | value |\n|---|---|\n";
  for (const auto& [name, value] : section.facts) {
    text += "| " + escaped(name) + " | " + escaped(value) + " |\n";
  }
  return text;
}

std::string plain_table(const Section& section) {
  constexpr std::size_t kWidth = 24;
  std::string text = section.title + "\n";
  for (const auto& [name, value] : section.facts) {
    text += "  " + name + std::string(kWidth - std::min(kWidth - 1, name.size()), ' ') + value + "\n";
  }
  return text;
}

/// The commands that show it again.
std::string commands(const BugReport& report) {
  const std::string id = short_id(report.stored.finding.id);
  const bool recipe_only = std::ranges::any_of(report.stored.discoveries, &Discovery::recipe_only);
  const std::string data = recipe_only ? "--data DATA" : "";
  ReplayCommandLine replay{.corpus = report.corpus, .more = data, .finding = id};
  if (!report.stored.discoveries.empty()) {
    const Discovery& first = first_of(report.stored.discoveries);
    replay.preprocessing = first.preprocessing;
    replay.line = first.line;
  }
  return replay_command_line(replay) + "\nfaultline corpus show " + shell_word(report.corpus) + " " + id +
         (data.empty() ? "" : " " + data) + "\n";
}

}  // namespace

std::string bug_report(const BugReport& report) {
  const Section failure = failure_section(report);
  std::string text = "# " + escaped(failure.title) + "\n\n";
  if (!report.picture.empty()) {
    text += "![clean input, witness, amplified difference](" + report.picture + ")\n\n";
  }
  text += markdown_table(failure);
  for (const Section& section : discovery_sections(report)) {
    text += "\n## " + escaped(section.title) + "\n\n" + markdown_table(section);
  }
  return text + "\n## Replay\n\n```sh\n" + commands(report) + "```\n";
}

std::string finding_text(const BugReport& report) {
  std::string text = plain_table(failure_section(report));
  for (const Section& section : discovery_sections(report)) {
    text += "\n" + plain_table(section);
  }
  return text + "\n" + commands(report);
}

}  // namespace faultline
