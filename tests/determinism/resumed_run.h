// Runs of the built program into a directory, whole or interrupted, and what they leave.
#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "faultline/data/json.h"

#include "program.h"

namespace faultline {

/// A call of the program without --out.
struct ProgramRun {
  std::string name;                ///< For test names.
  std::string command;             ///< "attack" or "curve".
  std::string model;               ///< File name in tests/data.
  std::vector<std::string> flags;  ///< Threat, attacks, --limit, --batch.
  std::size_t samples;             ///< As in --limit.

  friend std::ostream& operator<<(std::ostream& stream, const ProgramRun& run) { return stream << run.name; }
};

/// A run of about a second on two cores: several attacks, random starts, fifty chunks.
[[nodiscard]] ProgramRun perceptron_run();

[[nodiscard]] std::vector<std::string> arguments(const ProgramRun& run, const std::filesystem::path& out,
                                                 const std::vector<std::string>& more = {});

/// The lines of samples.jsonl, sorted; none when it is not there.
[[nodiscard]] std::vector<std::string> sorted_rows(const std::filesystem::path& out);

/// summary.json without times.
[[nodiscard]] Json figures(const std::filesystem::path& out);

/// Starts the run, sends the signal once `share` of its samples are there, and returns its exit code. Fails the test
/// when the run was over before.
int interrupt(const ProgramRun& run, const std::filesystem::path& out, int signal, double share);

/// Runs it to its end; fails the test when it does not succeed.
void expect_done(const ProgramRun& run, const std::filesystem::path& out, const std::vector<std::string>& more = {});

/// Kills the run in the middle, resumes it, and expects what an uninterrupted run gives.
void expect_resumable(const ProgramRun& run);

/// Expects the same rows and the same figures, and one row per sample.
void expect_same_run(const ProgramRun& run, const std::filesystem::path& out, const std::filesystem::path& whole);

}  // namespace faultline
