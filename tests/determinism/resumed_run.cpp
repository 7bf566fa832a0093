#include "determinism/resumed_run.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "determinism/child.h"
#include "engine.h"
#include "models.h"

namespace faultline {

ProgramRun perceptron_run() {
  return {"Perceptron",
          "attack",
          "mnist_lpd_mlp_b_0.1.pt",
          {"--norm", "linf", "--epsilon", "0.1", "--attack", "noise:draws=5", "--attack",
           "pgd:steps=50,restarts=2,relative-step=0.05", "--batch", "20", "--workers", "2", "--limit", "600"},
          600};
}

std::vector<std::string> arguments(const ProgramRun& run, const std::filesystem::path& out,
                                   const std::vector<std::string>& more) {
  std::vector<std::string> list{run.command, test_data(run.model).string(), "--data", data_spec(run.model)};
  list.insert(list.end(), run.flags.begin(), run.flags.end());
  list.insert(list.end(), {"--out", out.string()});
  list.insert(list.end(), more.begin(), more.end());
  return list;
}

std::vector<std::string> sorted_rows(const std::filesystem::path& out) {
  std::vector<std::string> rows = lines_of(read_file(out / "samples.jsonl"));
  std::ranges::sort(rows);
  return rows;
}

Json figures(const std::filesystem::path& out) {
  Json json = Json::parse(read_file(out / "summary.json"));
  json.erase("seconds");
  json.at("sanity").erase("seconds");
  for (Json& attack : json.at("attacks")) {
    attack.erase("seconds");
  }
  return json;
}

void expect_done(const ProgramRun& run, const std::filesystem::path& out, const std::vector<std::string>& more) {
  const ProgramResult result = run_program(arguments(run, out, more));
  ASSERT_EQ(result.exit_code, 0) << result.err;
}

int interrupt(const ProgramRun& run, const std::filesystem::path& out, int signal, double share) {
  const auto wanted = static_cast<std::size_t>(share * static_cast<double>(run.samples));
  Child child(arguments(run, out));
  while (child.running() && sorted_rows(out).size() < wanted) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_TRUE(child.running()) << "the run was over before the signal";
  child.send(signal);
  const int code = child.wait();
  EXPECT_GE(sorted_rows(out).size(), wanted) << "what was done must stay";
  EXPECT_LT(sorted_rows(out).size(), run.samples) << "the signal came too late to show anything";
  EXPECT_FALSE(std::filesystem::exists(out / "summary.json")) << "a partial result must not be reported as whole";
  return code;
}

void expect_same_run(const ProgramRun& run, const std::filesystem::path& out, const std::filesystem::path& whole) {
  const std::vector<std::string> rows = sorted_rows(out);
  const std::vector<std::string> expected = sorted_rows(whole);
  ASSERT_EQ(expected.size(), run.samples);
  ASSERT_EQ(rows.size(), expected.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    ASSERT_EQ(rows[row], expected[row]);
  }
  EXPECT_EQ(Json::diff(figures(whole), figures(out)).dump(2), "[]") << "what has changed in summary.json";
}

void expect_resumable(const ProgramRun& run) {
  constexpr int kKilled = 128 + SIGKILL;
  const TemporaryFolder folder;
  const std::filesystem::path whole = folder.path() / "whole";
  const std::filesystem::path killed = folder.path() / "killed";
  ASSERT_NO_FATAL_FAILURE(expect_done(run, whole));
  EXPECT_EQ(interrupt(run, killed, SIGKILL, /*share=*/0.4), kKilled);
  ASSERT_NO_FATAL_FAILURE(expect_done(run, killed, {"--resume"}));
  expect_same_run(run, killed, whole);
}

}  // namespace faultline
