#include "faultline/report/nightly_junit.h"

#include "faultline/eval/evidence.h"

namespace faultline {

namespace {

JunitCase case_of(const GateResult& result, const PlanFile& plan) {
  const std::string where = plan.path.filename().string() + ":" + std::to_string(result.gate->line);
  JunitCase test{.classname = "faultline." + result.gate->stage + "." + result.model, .name = result.gate->name};
  const bool passed = result.outcome == GateResult::Outcome::kPassed;
  const std::string text = passed ? result.reason : name_of(result.outcome) + ": " + result.reason;
  if (fails(result)) {
    test.status = JunitCase::Status::kFailed;
    test.message = text;
    test.text = text + "\ngate: " + result.gate->name + "\nplan: " + where;
  } else {
    test.text = text;
  }
  return test;
}

JunitCase case_of(const StageResult& stage) {
  JunitCase test{.classname = "faultline.run", .name = stage.run.id + " finishes"};
  if (stage.document.is_null()) {
    test.status = JunitCase::Status::kFailed;
    test.message = stage.problem;
    test.text = stage.problem;
  }
  return test;
}

}  // namespace

JunitSuite nightly_junit(const NightlySummary& summary) {
  JunitSuite suite{.name = "faultline.run", .timestamp = summary.ended.empty() ? utc_now() : summary.ended};
  for (const StageResult& stage : summary.stages) {
    suite.cases.push_back(case_of(stage));
    if (stage.document.contains("seconds")) {
      suite.seconds += number_or_nan(stage.document.at("seconds"));
    }
  }
  for (const GateResult& gate : summary.gates) {
    suite.cases.push_back(case_of(gate, summary.plan));
  }
  return suite;
}

}  // namespace faultline
