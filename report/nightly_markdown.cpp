#include "faultline/report/nightly_markdown.h"

#include "faultline/core/error.h"
#include "faultline/nightly/plan_change.h"

namespace faultline {

namespace {

/// By how much a measure changed since the baseline; empty where that has none of the same setting.
std::string change_since(const Baseline& baseline, const StageResult& stage, const std::string& name,
                         const Measure& measure) {
  const auto known = baseline.find(stage.run.id);
  if (known == baseline.end() || known->second.setting != stage.comparable.setting ||
      !known->second.measures.contains(name)) {
    return "";
  }
  const double change = measure.value - known->second.measures.at(name).value;
  return change == 0 ? "none" : (change > 0 ? "+" : "") + figure(change);
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

std::string stage_table(const StageResult& stage, const Baseline& baseline) {
  std::string text =
      "\n### " + markdown_text(stage.run.stage->name) + ", " + markdown_text(stage.run.model->name) + "\n\n";
  if (stage.document.is_null()) {
    return text + "Did not finish: " + markdown_text(stage.problem) + "\n";
  }
  const bool compares = !baseline.empty();
  text += compares ? "| measure | value | since the baseline |\n|---|---|---|\n" : "| measure | value |\n|---|---|\n";
  for (const auto& [name, measure] : stage.comparable.measures) {
    text += "| " + markdown_text(name) + " | " + figure(measure) + " |" +
            (compares ? " " + change_since(baseline, stage, name, measure) + " |" : "") + "\n";
  }
  return text;
}

}  // namespace

std::string markdown_text(const std::string& text) {
  std::string escaped;
  const std::string line = on_one_line(text);
  for (std::size_t i = 0; i < line.size(); ++i) {
    constexpr std::string_view kMarkup = "\\`*_{}[]()#+!|~>";
    const char c = line[i];
    if (line.compare(i, 3, "://") == 0) {
      escaped += "&#58;";  // else GitHub makes a link of a bare address
    } else if (line.compare(i, 4, "www.") == 0) {
      escaped += "&#119;";
    } else if (c == '@') {
      escaped += "@&#8203;";  // else it tells the user of that name, or makes a link of a mail address
    } else if (c == '<') {
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
    text += stage_table(stage, summary.baseline);
  }
  for (const std::string& note : summary.notes) {
    text += "\n- " + markdown_text(note) + "\n";
  }
  for (const PlanChange& change : summary.plan.changes) {
    text += "\n- changed from the plan: " + markdown_text(change_text(change)) + "\n";
  }
  return text + "\nPlan " + markdown_text(summary.plan.path.filename().string()) + ", SHA-256 " + summary.plan.sha256 +
         "\n";
}

}  // namespace faultline
