#include "faultline/report/github_annotations.h"

#include <vector>

#include "faultline/core/error.h"

namespace faultline {

namespace {

constexpr std::size_t kMostShown = 10;  // of one kind that GitHub shows of a step

/// Data of a workflow command; in properties, colons and commas end them too.
std::string escaped(const std::string& text, bool property) {
  std::string result;
  for (const char c : on_one_line(text)) {
    if (c == '%') {
      result += "%25";
    } else if (property && c == ':') {
      result += "%3A";
    } else if (property && c == ',') {
      result += "%2C";
    } else {
      result += c;
    }
  }
  return result;
}

struct Annotation {
  int line = 1;
  std::string title{};
  std::string message{};
};

std::string lines_of(const std::string& kind, const std::string& file, std::vector<Annotation> annotations) {
  if (annotations.size() > kMostShown) {
    const std::size_t rest = annotations.size() - (kMostShown - 1);
    annotations.resize(kMostShown - 1);
    annotations.push_back({.title = "more", .message = std::to_string(rest) + " more; see the step's summary"});
  }
  std::string text;
  for (const Annotation& one : annotations) {
    text += "::" + kind + " file=" + escaped(file, true) + ",line=" + std::to_string(one.line) +
            ",title=" + escaped(one.title, true) + "::" + escaped(one.message, false) + "\n";
  }
  return text;
}

}  // namespace

std::string github_annotations(const NightlySummary& summary) {
  std::vector<Annotation> errors;
  std::vector<Annotation> warnings;
  for (const StageResult& stage : summary.stages) {
    if (stage.document.is_null()) {
      errors.push_back({stage.run.stage->line, "stage " + stage.run.id, "did not finish: " + stage.problem});
    }
  }
  for (const std::string& note : summary.notes) {
    errors.push_back({.title = "faultline", .message = note});
  }
  for (const GateResult& gate : summary.gates) {
    if (gate.outcome != GateResult::Outcome::kPassed) {
      (fails(gate) ? errors : warnings)
          .push_back(
              {gate.gate->line, gate.gate->name + " [" + gate.model + "]", name_of(gate.outcome) + ": " + gate.reason});
    }
  }
  const std::string file = summary.plan.path.string();
  return lines_of("error", file, std::move(errors)) + lines_of("warning", file, std::move(warnings));
}

}  // namespace faultline
