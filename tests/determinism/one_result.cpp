#include "determinism/one_result.h"

#include <gtest/gtest.h>

namespace faultline {

std::vector<std::string> lines_of(const RunResult& result) {
  std::vector<std::string> lines;
  for (const SampleRow& row : result.rows) {
    lines.push_back(to_line(row));
  }
  return lines;
}

void expect_same_lines(const std::vector<std::string>& lines, const std::vector<std::string>& expected) {
  ASSERT_EQ(lines.size(), expected.size());
  for (std::size_t row = 0; row < lines.size(); ++row) {
    ASSERT_EQ(lines[row], expected[row]);
  }
}

namespace {

std::int64_t found(const RunResult& result) {
  return std::ranges::count(result.rows, SampleRow::Status::kFound, &SampleRow::status);
}

}  // namespace

void expect_one_result(const Engine& engine, const Plan& plan, Finds finds) {
  SCOPED_TRACE(plan.command + ", " + std::string(name_of(*plan.norm)) + ", " + goal_text(plan.goal));
  const RunResult reference = engine.run(plan, {.workers = 1, .batch = 100});
  EXPECT_TRUE(found(reference) > 0 || finds == Finds::kPerhaps) << "a run that finds nothing shows nothing";
  for (const int workers : {1, 2}) {
    for (const std::int64_t batch : {16, 100, 500}) {
      SCOPED_TRACE(std::to_string(workers) + " workers, batch " + std::to_string(batch));
      expect_same_lines(lines_of(engine.run(plan, {.workers = workers, .batch = batch})), lines_of(reference));
    }
  }
}

double middling_epsilon(Norm norm) {
  switch (norm) {
    case Norm::kL0:
      return 200;
    case Norm::kL1:
      return 12;
    case Norm::kL2:
      return 1.3;
    case Norm::kLinf:
      break;
  }
  return 0.15;
}

void shift(Plan& plan) {
  plan.data.offset = 7;
  plan.seed = 5;
}

}  // namespace faultline
