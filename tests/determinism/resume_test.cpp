// A run that was killed or stopped and then resumed gives what an uninterrupted run gives.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "determinism/child.h"
#include "determinism/resumed_run.h"
#include "engine.h"
#include "models.h"

namespace faultline {
namespace {

class Resume : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path at(const std::string& name) const { return folder_.path() / name; }

 private:
  TemporaryFolder folder_;
};

TEST_F(Resume, OfAKilledRunEqualsUninterrupted) { expect_resumable(perceptron_run()); }

TEST_F(Resume, CutsATornLineAndCountsNothingTwice) {
  const ProgramRun run = perceptron_run();
  ASSERT_NO_FATAL_FAILURE(expect_done(run, at("whole")));
  ASSERT_NO_FATAL_FAILURE(expect_done(run, at("torn")));
  const std::string text = read_file(at("torn") / "samples.jsonl");
  // Into the middle of a line in the middle of a chunk.
  std::size_t end = text.find('\n', text.size() / 2);
  while (std::ranges::count(text.substr(0, end), '\n') % 20 != 10) {
    end = text.find('\n', end + 1);
  }
  std::filesystem::resize_file(at("torn") / "samples.jsonl", end + 40);
  ASSERT_NO_FATAL_FAILURE(expect_done(run, at("torn"), {"--resume"}));
  expect_same_run(run, at("torn"), at("whole"));
}

TEST_F(Resume, OfAFinishedRunDoesNothing) {
  ProgramRun run = perceptron_run();
  run.flags.back() = "60";
  ASSERT_NO_FATAL_FAILURE(expect_done(run, at("run")));
  const std::string rows = read_file(at("run") / "samples.jsonl");
  const Json before = figures(at("run"));
  ASSERT_NO_FATAL_FAILURE(expect_done(run, at("run"), {"--resume"}));
  EXPECT_EQ(read_file(at("run") / "samples.jsonl"), rows);
  EXPECT_EQ(figures(at("run")), before);
}

TEST_F(Resume, OfAnotherRunIsRefused) {
  ProgramRun run = perceptron_run();
  run.flags.back() = "20";
  ASSERT_NO_FATAL_FAILURE(expect_done(run, at("run")));
  const std::string rows = read_file(at("run") / "samples.jsonl");
  ProgramRun other_model = run;
  other_model.model = "mnist_adv_mlp_b_0.1.pt";
  ProgramRun other_option = run;
  other_option.flags[7] = "pgd:steps=51,restarts=2,relative-step=0.05";
  ProgramRun other_seed = run;
  other_seed.flags.insert(other_seed.flags.end(), {"--seed", "1"});
  for (const ProgramRun& other : {other_model, other_option, other_seed}) {
    const ProgramResult result = run_program(arguments(other, at("run"), {"--resume"}));
    EXPECT_EQ(result.exit_code, 4) << result.err;
    EXPECT_NE(result.err.find("it holds another run"), std::string::npos) << result.err;
    EXPECT_EQ(read_file(at("run") / "samples.jsonl"), rows);
  }
}

TEST_F(Resume, AfterAnInterruptionEqualsUninterrupted) {
  const ProgramRun run = perceptron_run();
  ASSERT_NO_FATAL_FAILURE(expect_done(run, at("whole")));
  EXPECT_EQ(interrupt(run, at("stopped"), SIGINT, /*share=*/0.3), 2);
  ASSERT_NO_FATAL_FAILURE(expect_done(run, at("stopped"), {"--resume"}));
  expect_same_run(run, at("stopped"), at("whole"));
}

TEST_F(Resume, AnInterruptionEndsALongChunkAtOnce) {
  ProgramRun run = perceptron_run();
  run.flags[7] = "pgd:steps=100000000,start=clean";
  Child child(arguments(run, at("run")));
  while (child.running() && !std::filesystem::exists(at("run") / "run.json")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  ASSERT_TRUE(child.running());
  const auto begin = std::chrono::steady_clock::now();
  child.send(SIGINT);
  EXPECT_EQ(child.wait(), 2);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

TEST_F(Resume, ASecondWriterIsRefused) {
  ProgramRun endless = perceptron_run();
  endless.flags[7] = "pgd:steps=100000000,start=clean";
  Child first(arguments(endless, at("run")));
  while (first.running() && !std::filesystem::exists(at("run") / "run.json")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const ProgramResult second = run_program(arguments(endless, at("run"), {"--resume"}));
  EXPECT_EQ(second.exit_code, 4);
  EXPECT_NE(second.err.find("another process is writing"), std::string::npos) << second.err;
  EXPECT_EQ(run_program(arguments(endless, at("run"))).exit_code, 4);
  EXPECT_TRUE(first.running()) << "the first writer goes on";
}

}  // namespace
}  // namespace faultline
