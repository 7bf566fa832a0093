#include "faultline/report/nightly_markdown.h"

#include <array>
#include <cstdio>

#include "faultline/core/error.h"

namespace faultline {

namespace {

std::string figure(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string figure(const Measure& measure) {
  return measure.interval ? figure(measure.value) + " (" + figure(measure.interval->low) + " to " +
                                figure(measure.interval->high) + ")"
                          : figure(measure.value);
}

std::string gates_table(const NightlySummary& summary) {
  std::string text = "| gate | model | outcome | what was found |\n|---|---|---|---|\n";
  for (const GateResult& gate : summary.gates) {
    const std::string outcome = fails(gate) ? "**" + name_of(gate.outcome) + "**" : name_of(gate.outcome);
    text += "| " + markdown_text(gate.gate->name) + " | " + markdown_text(gate.model) + " | " + outcome + " | " +
            markdown_text(gate.reason) + " |\n";
  }
  return text;
}

std::string stage_table(const StageResult& stage) {
  std::string text =
      "\n### " + markdown_text(stage.run.stage->name) + ", " + markdown_text(stage.run.model->name) + "\n\n";
  if (stage.document.is_null()) {
    return text + "Did not finish: " + markdown_text(stage.problem) + "\n";
  }
  text += "| measure | value |\n|---|---|\n";
  for (const auto& [name, measure] : stage.comparable.measures) {
    text += "| " + markdown_text(name) + " | " + figure(measure) + " |\n";
  }
  return text;
}

}  // namespace

std::string markdown_text(const std::string& text) {
  std::string escaped;
  for (const char c : on_one_line(text)) {
    constexpr std::string_view kMarkup = "\\`*_{}[]()#+!|~>";
    if (c == '<') {
      escaped += "&lt;";
    } else if (c == '&') {
      escaped += "&amp;";
    } else {
      escaped += kMarkup.find(c) == std::string_view::npos ? std::string(1, c) : std::string("\\") + c;
    }
  }
  return escaped;
}

std::string nightly_markdown(const NightlySummary& summary) {
  std::string text = "## Faultline: " + verdict_of(summary) + "\n\n" + sentence_of(summary) + "\n\n";
  if (!summary.plan.goal.empty()) {
    text += "Goal: " + markdown_text(summary.plan.goal) + "\n\n";
  }
  if (!summary.gates.empty()) {
    text += gates_table(summary);
  }
  for (const StageResult& stage : summary.stages) {
    text += stage_table(stage);
  }
  for (const std::string& note : summary.notes) {
    text += "\n- " + markdown_text(note) + "\n";
  }
  return text + "\nPlan " + markdown_text(summary.plan.path.filename().string()) + ", SHA-256 " + summary.plan.sha256 +
         "\n";
}

}  // namespace faultline
