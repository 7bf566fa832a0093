// Whether a run gives the same rows whatever carries it out.
#pragma once

#include "engine.h"

namespace faultline {

/// Whether a run must find something: one that finds nothing shows little.
enum class Finds { kSomething, kPerhaps };

/// Runs the plan with 1 and 2 workers and batches of 16, 100 and 500, and compares the lines of samples.jsonl.
void expect_one_result(const Engine& engine, const Plan& plan, Finds finds = Finds::kSomething);

/// The lines of samples.jsonl.
[[nodiscard]] std::vector<std::string> lines_of(const RunResult& result);

/// Differing lines in a readable form: GoogleTest would print thousands.
void expect_same_lines(const std::vector<std::string>& lines, const std::vector<std::string>& expected);

/// A budget at which some samples of the perceptron break and some do not.
[[nodiscard]] double middling_epsilon(Norm norm);

/// Samples that begin and end off every batch border.
void shift(Plan& plan);

}  // namespace faultline
