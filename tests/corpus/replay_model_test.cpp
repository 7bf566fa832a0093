// From an attack on a real model to its regression test on others.
#include <gtest/gtest.h>

#include "corpus/corpus_fixtures.h"
#include "corpus/replay_bench.h"
#include "engine.h"
#include "faultline/eval/filing.h"
#include "faultline/eval/replay.h"

namespace faultline {
namespace {

using Verdict = ReplayVerdict;

constexpr std::int64_t kSamples = 150;
constexpr std::int64_t kClasses = 10;

/// What an attack on mnist_nor_mlp_b finds, filed as chunks finish.
class RealModels : public testing::Test {
 protected:
  RealModels() {
    Plan plan = attacked_.plan({"pgd:steps=20,relative-step=0.1"}, Norm::kLinf, 0.05, kSamples);
    plan.model.sha256 = "first";
    plan.data.sha256 = "mnist";
    const FilingSetup setup{.classes = kClasses};
    Filing filing(corpus_, setup);
    const std::atomic<bool> never_stopped{false};
    const RunResult run = execute(plan, {.data = attacked_.data(),
                                         .attacks = configured(plan),
                                         .make_target = attacked_.make_target(),
                                         .stop = never_stopped,
                                         .workers = 2,
                                         .batch = 50,
                                         .finished = [&](const Chunk& chunk, const ChunkResult& result) {
                                           filing.add(chunk.first, chunk.count, findings_of(result, plan, setup));
                                         }});
    found_ = std::ranges::count(run.rows, SampleRow::Status::kFound, &SampleRow::status);
    EXPECT_EQ(filing.figures().added, found_);
    EXPECT_GT(found_, kSamples / 2);
  }

  [[nodiscard]] ReplayResult replayed(const Engine& engine, int workers = 1, std::int64_t batch = 0) const {
    const std::atomic<bool> never_stopped{false};
    return replay(corpus_, {.make_target = engine.make_target(),
                            .stop = never_stopped,
                            .model = "second",
                            .workers = workers,
                            .batch = batch,
                            .damaged = [](const std::string& message) { ADD_FAILURE() << message; }});
  }

  FixedDay day_;
  TemporaryFolder folder_{memory_folder()};
  Corpus corpus_ = Corpus::open_or_create(folder_.path() / "corpus");
  const Engine attacked_{"mnist_nor_mlp_b.pt"};
  const Engine hardened_{"mnist_adv_mlp_b_0.1.pt"};
  std::int64_t found_ = 0;
};

TEST_F(RealModels, WhatWasFoundFailsUntilItIsFixedAndRegressesWhenItFailsAgain) {
  EXPECT_EQ(counted(replayed(attacked_)), (VerdictCounts{{Verdict::kStillFailing, found_}}));
  const ReplayResult better = replayed(hardened_);
  VerdictCounts counts = counted(better);
  EXPECT_GT(counts[Verdict::kFixed], found_ * 3 / 4);
  corpus_.record(events_of(better, "main", "second"));
  VerdictCounts again = counted(replayed(attacked_));
  EXPECT_EQ(again[Verdict::kRegressed], counts[Verdict::kFixed]);
  EXPECT_EQ(again[Verdict::kStillFailing], found_ - counts[Verdict::kFixed]);
  EXPECT_EQ(counted(replayed(hardened_))[Verdict::kPassing], counts[Verdict::kFixed]);
}

TEST_F(RealModels, VerdictsDoNotDependOnWorkersAndBatch) {
  for (const Engine* engine : {&attacked_, &hardened_}) {
    const ReplayResult expected = replayed(*engine);
    for (const int workers : {1, 2}) {
      for (const std::int64_t batch : {16, 100}) {
        const ReplayResult result = replayed(*engine, workers, batch);
        ASSERT_EQ(result.rows.size(), expected.rows.size());
        for (std::size_t i = 0; i < result.rows.size(); ++i) {
          EXPECT_EQ(result.rows[i].id, expected.rows[i].id);
          EXPECT_EQ(result.rows[i].verdict, expected.rows[i].verdict);
          EXPECT_EQ(result.rows[i].prediction, expected.rows[i].prediction);
          EXPECT_EQ(result.rows[i].margin, expected.rows[i].margin) << "bit for bit, from the floor batch on";
        }
        EXPECT_EQ(event_file_bytes(events_of(result, "main", "second")),
                  event_file_bytes(events_of(expected, "main", "second")));
      }
    }
  }
}

}  // namespace
}  // namespace faultline
