// Replay on small models whose answers are known.
#include "faultline/eval/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "corpus/replay_bench.h"
#include "faults/data_checks.h"

namespace faultline {
namespace {

using Verdict = ReplayVerdict;

constexpr std::int64_t kFindings = 40;

class Replaying : public testing::Test {
 protected:
  Replaying() { bench.file_findings(kFindings); }

  [[nodiscard]] static VerdictCounts all(Verdict verdict) { return {{verdict, kFindings}}; }

  ReplayBench bench;
};

TEST_F(Replaying, OnTheSameModelEverythingStillFails) {
  const ReplayResult result = bench.replayed(bench.threshold_model(kThreshold));
  EXPECT_EQ(counted(result), all(Verdict::kStillFailing));
  EXPECT_EQ(result.damaged, 0);
  EXPECT_FALSE(result.interrupted);
  EXPECT_TRUE(std::ranges::is_sorted(result.rows, {}, &ReplayRow::id));
  for (const ReplayRow& row : result.rows) {
    EXPECT_EQ(row.oracle, "misclassification");
    EXPECT_EQ(row.label, 0);
    EXPECT_EQ(row.budget, (Budget{Norm::kLinf, 0.1}));
    EXPECT_EQ(row.attack, "pgd");
    EXPECT_EQ(row.clean_prediction, 0);
    EXPECT_EQ(row.prediction, 1);
    EXPECT_NEAR(row.margin, -0.1, 1e-5);  // float32
    EXPECT_NEAR(row.confidence, 1 / (1 + std::exp(-0.1)), 1e-5);
  }
  EXPECT_TRUE(events_of(result, "main", "second").events.empty());
}

TEST_F(Replaying, TheCycleOfALife) {
  const TargetFactory failing = bench.threshold_model(kThreshold);
  const TargetFactory sound = bench.threshold_model(0.6);
  EXPECT_EQ(bench.verdicts(sound), all(Verdict::kFixed));
  EXPECT_EQ(bench.verdicts(sound), all(Verdict::kFixed)) << "nothing was recorded";
  EXPECT_EQ(bench.update(sound), std::size_t{kFindings});
  EXPECT_EQ(bench.verdicts(sound), all(Verdict::kPassing));
  EXPECT_EQ(bench.update(sound), 0U);
  EXPECT_EQ(bench.verdicts(failing), all(Verdict::kRegressed));
  EXPECT_EQ(bench.update(failing), std::size_t{kFindings});
  EXPECT_EQ(bench.verdicts(failing), all(Verdict::kStillFailing));
  EXPECT_EQ(bench.update(failing), 0U);
}

TEST_F(Replaying, LinesAreJudgedApart) {
  const TargetFactory failing = bench.threshold_model(kThreshold);
  EXPECT_EQ(bench.update(bench.threshold_model(0.6), "main"), std::size_t{kFindings});
  EXPECT_EQ(bench.verdicts(failing, {.line = "release"}), all(Verdict::kNew));
  EXPECT_EQ(bench.verdicts(failing, {.line = "main"}), all(Verdict::kRegressed));
  EXPECT_EQ(bench.update(failing, "release"), std::size_t{kFindings});
  EXPECT_EQ(bench.verdicts(failing, {.line = "release"}), all(Verdict::kStillFailing));
}

TEST_F(Replaying, AnotherWrongClassIsAChange) {
  const TargetFactory other = bench.model(
      "def forward(self, x: Tensor) -> Tensor:\n  m = 10 * (torch.flatten(x, 1).mean(1) - 0.4)\n"
      "  return torch.stack([torch.zeros_like(m), m], 1)\n");
  EXPECT_EQ(bench.verdicts(other), all(Verdict::kStillFailing));
  // The class last seen is what counts, not the one at the discovery.
  EventFile events = event_file({});
  for (const std::string& id : bench.corpus().ids()) {
    events.events.push_back({.finding = id, .state = State::kOpen, .prediction = 5});
  }
  bench.corpus().record(events);
  EXPECT_EQ(bench.verdicts(other), all(Verdict::kChanged));
  EXPECT_EQ(bench.update(other), std::size_t{kFindings});
  EXPECT_EQ(bench.verdicts(other), all(Verdict::kStillFailing));
}

TEST_F(Replaying, AModelThatDependsOnItsBatchMakesFlakyFindings) {
  // Right in batches, wrong alone.
  const TargetFactory model = bench.moving_model("0.6 if x.size(0) > 1 else 0.4");
  EXPECT_EQ(bench.verdicts(model), all(Verdict::kFlaky));
  EXPECT_EQ(bench.update(model), std::size_t{kFindings});
  EXPECT_EQ(bench.update(model), 0U);
  EXPECT_EQ(bench.verdicts(bench.threshold_model(0.6)), all(Verdict::kFixed));
}

TEST_F(Replaying, ARandomModelMakesFlakyFindings) {
  // The witness passes at every other look; the clean input is always right.
  const TargetFactory model = bench.moving_model("0.37 + 0.08 * torch.rand([x.size(0)])");
  VerdictCounts counts = bench.verdicts(model, {.line = "release"});
  // All five looks agree in one of sixteen.
  EXPECT_GE(counts[Verdict::kFlaky], kFindings * 3 / 4);
  EXPECT_EQ(counts[Verdict::kInvalidBaseline], 0);
}

TEST_F(Replaying, ANearTieIsFlaky) {
  const TargetFactory model = bench.moving_model("torch.flatten(x, 1).mean(1)");
  EXPECT_EQ(bench.verdicts(model), all(Verdict::kFlaky));
}

TEST_F(Replaying, AWitnessThatGivesNoNumbersFails) {
  const TargetFactory model = bench.model(
      "def forward(self, x: Tensor) -> Tensor:\n  m = torch.flatten(x, 1).mean(1)\n"
      "  return torch.stack([torch.sqrt(0.4 - m), torch.zeros_like(m) - 1], 1)\n");
  VerdictCounts counts = bench.verdicts(model, {.line = "release"});
  EXPECT_EQ(counts, all(Verdict::kNew));
}

TEST_F(Replaying, AWrongCleanInputMakesTheFindingInvalid) {
  const TargetFactory worse = bench.threshold_model(0.2);
  EXPECT_EQ(bench.verdicts(worse), all(Verdict::kInvalidBaseline));
  EXPECT_EQ(bench.update(worse), std::size_t{kFindings});
  EXPECT_EQ(bench.verdicts(worse), all(Verdict::kStillInvalid));
  EXPECT_EQ(bench.update(worse), 0U);
  EXPECT_EQ(bench.verdicts(bench.threshold_model(kThreshold)), all(Verdict::kStillFailing));
  EXPECT_EQ(bench.update(bench.threshold_model(kThreshold)), std::size_t{kFindings});
  EXPECT_EQ(bench.verdicts(worse), all(Verdict::kInvalidBaseline));
}

TEST_F(Replaying, WhatWasFixedBeforeAnInvalidBaselineRegressesAfterIt) {
  bench.update(bench.threshold_model(0.6));
  bench.update(bench.threshold_model(0.2));
  EXPECT_EQ(bench.verdicts(bench.threshold_model(kThreshold)), all(Verdict::kRegressed));
  EXPECT_EQ(bench.verdicts(bench.threshold_model(0.6)), all(Verdict::kPassing));
}

TEST_F(Replaying, AcceptanceHoldsUntilItsLastDay) {
  const TargetFactory failing = bench.threshold_model(kThreshold);
  bench.accept_all("2023-11-14");
  EXPECT_EQ(bench.verdicts(failing), all(Verdict::kAccepted)) << "today is the last day";
  EXPECT_EQ(bench.update(failing), 0U);
  bench.accept_all("2023-11-13");
  EXPECT_EQ(bench.verdicts(failing), all(Verdict::kExpired));
  EXPECT_EQ(bench.verdicts(bench.threshold_model(0.6)), all(Verdict::kFixed));
  EXPECT_EQ(bench.update(bench.threshold_model(0.2)), std::size_t{kFindings});
  EXPECT_EQ(bench.verdicts(failing), all(Verdict::kExpired)) << "still accepted after an invalid baseline";
}

TEST_F(Replaying, AModelThatOnlyMovedIsNotFixed) {
  const TargetFactory moved = bench.threshold_model(0.43);
  EXPECT_EQ(bench.verdicts(moved), all(Verdict::kFixed));
  const ReplayResult result = bench.replayed(moved, {.strengthen = true});
  EXPECT_EQ(counted(result), all(Verdict::kFixedAtThePoint));
  EXPECT_EQ(name_of(result.rows.front().verdict), "fixed at the point, not nearby");
  EXPECT_TRUE(events_of(result, "main", "second").events.empty()) << "it stays open";
  ASSERT_EQ(result.strengthened.size(), std::size_t{kFindings});
  for (const auto& [finding, discovery] : result.strengthened) {
    EXPECT_EQ(discovery.attack, "pgd");
    EXPECT_EQ(discovery.model, "second");
    EXPECT_EQ(discovery.classes, 2);
    ASSERT_EQ(discovery.parents.size(), 1U);
    EXPECT_NE(finding.id, discovery.parents.front());
    EXPECT_EQ(discovery.sample,
              bench.corpus().facts(discovery.parents.front(), [](const std::string&) {})->discoveries.front().sample);
  }
  bench.corpus().file(result.strengthened);
  const Reading reading = read_all_of(bench.corpus());
  EXPECT_EQ(reading.loaded.size(), std::size_t{2 * kFindings});
  EXPECT_TRUE(reading.damage.empty());
  EXPECT_EQ(bench.verdicts(moved)[Verdict::kStillFailing], kFindings);
}

TEST_F(Replaying, AModelThatIsRightInTheWholeBudgetIsFixed) {
  const ReplayResult result = bench.replayed(bench.threshold_model(0.6), {.strengthen = true});
  EXPECT_EQ(counted(result), all(Verdict::kFixed));
  EXPECT_TRUE(result.strengthened.empty());
}

TEST_F(Replaying, StrengtheningDoesNotDependOnWorkersAndBatch) {
  const TargetFactory moved = bench.threshold_model(0.43);
  const ReplayResult one = bench.replayed(moved, {.strengthen = true});
  const ReplayResult two = bench.replayed(moved, {.strengthen = true, .workers = 2, .batch = 16});
  ASSERT_EQ(one.strengthened.size(), two.strengthened.size());
  for (std::size_t i = 0; i < one.strengthened.size(); ++i) {
    EXPECT_EQ(one.strengthened[i].finding.id, two.strengthened[i].finding.id);
    EXPECT_EQ(discovery_bytes(one.strengthened[i].discovery), discovery_bytes(two.strengthened[i].discovery));
  }
}

TEST_F(Replaying, AModelOfAnotherShapeIsRefusedOnce) {
  const TargetFactory model =
      bench.model("def forward(self, x: Tensor) -> Tensor:\n  return torch.matmul(torch.flatten(x, 1), self.w)\n",
                  {{"w", at::rand({5, 2})}});
  expect_refusal([&] { (void)bench.replayed(model); }, {"none of the 40 findings", "2, 2"});
}

TEST_F(Replaying, AModelOfOtherClassesIsRefusedOnce) {
  const TargetFactory model =
      bench.model("def forward(self, x: Tensor) -> Tensor:\n  return torch.matmul(torch.flatten(x, 1), self.w)\n",
                  {{"w", at::rand({4, 3})}});
  expect_refusal([&] { (void)bench.replayed(model); },
                 {"none of the 40 findings", "found on a model with 2 classes, this one has 3"});
}

TEST_F(Replaying, AFindingOfModelsWithDifferentClassesFitsBoth) {
  const std::string id = bench.corpus().ids().front();
  StoredFinding stored = *bench.corpus().load(id, [](const std::string&) {});
  Discovery other = stored.discoveries.front();
  other.model = "third";
  other.classes = 3;
  bench.corpus().file({{stored.finding, other}});
  EXPECT_EQ(bench.verdicts(bench.threshold_model(kThreshold)), all(Verdict::kStillFailing));
}

TEST_F(Replaying, OnlyWhatDoesNotFitIsIncompatible) {
  const Tensor long_clean = at::full({3}, 0.35);
  const Tensor clean = at::full({2, 2}, 0.35);
  Discovery discovery = numbered_discovery(0);
  discovery.classes = 2;
  Discovery more_classes = discovery;
  more_classes.classes = 7;
  const Finding other_shape = make_finding({.label = 0}, long_clean, long_clean + 0.0625);
  const Finding other_classes = make_finding({.label = 0}, clean, clean + 0.0625);
  const Finding no_such_label = make_finding({.label = 2}, clean, clean + 0.03125);
  bench.corpus().file({{other_shape, discovery}, {other_classes, more_classes}, {no_such_label, discovery}});
  for (const int workers : {1, 2}) {
    const ReplayResult result = bench.replayed(bench.threshold_model(kThreshold), {.workers = workers});
    EXPECT_EQ(counted(result), (VerdictCounts{{Verdict::kStillFailing, kFindings}, {Verdict::kIncompatible, 3}}));
    for (const ReplayRow& row : result.rows) {
      const bool misfit = row.id == other_shape.id || row.id == other_classes.id || row.id == no_such_label.id;
      EXPECT_EQ(row.verdict == Verdict::kIncompatible, misfit);
      EXPECT_EQ(row.why.empty(), !misfit);
      EXPECT_EQ(row.why.find('\n'), std::string::npos);
    }
    EXPECT_TRUE(events_of(result, "main", "second").events.empty());
  }
}

TEST_F(Replaying, TargetedFindingsFailAsLongAsTheyAreNotTakenForTheirLabel) {
  const TargetFactory model = bench.model(
      "def forward(self, x: Tensor) -> Tensor:\n  m = 10 * (torch.flatten(x, 1).mean(1) - 0.4)\n"
      "  return torch.stack([torch.zeros_like(m), m, m - 1], 1)\n");
  const ReplayBench other;
  Corpus corpus = Corpus::open(other.corpus_path());
  const Tensor clean = at::full({2, 2}, 0.25);
  Discovery discovery = numbered_discovery(0);
  discovery.classes = 3;
  const Finding reached = make_finding({.target = 1, .label = 0}, clean, clean + 0.5);
  const Finding missed = make_finding({.target = 2, .label = 0}, clean, clean + 0.5);
  corpus.file({{reached, discovery}, {missed, discovery}});
  EXPECT_EQ(other.verdicts(model, {.line = "release"}), (VerdictCounts{{Verdict::kNew, 2}}));
}

TEST_F(Replaying, DamagedEntriesAreCountedAndLeftOut) {
  const std::string id = bench.corpus().ids()[3];
  std::filesystem::remove(bench.corpus().folder_of(id) / "witness.safetensors");
  const ReplayResult result = bench.replayed(bench.threshold_model(kThreshold));
  EXPECT_EQ(result.damaged, 1);
  EXPECT_EQ(counted(result), (VerdictCounts{{Verdict::kStillFailing, kFindings - 1}}));
}

TEST_F(Replaying, OfAnEmptyCorpusGivesNoRows) {
  const ReplayBench empty;
  EXPECT_TRUE(empty.replayed(bench.threshold_model(kThreshold)).rows.empty());
}

TEST_F(Replaying, StopsWhenItIsTold) {
  const std::atomic<bool> stopped{true};
  const ReplayResult result =
      replay(bench.corpus(), {.make_target = bench.threshold_model(kThreshold), .stop = stopped});
  EXPECT_TRUE(result.interrupted);
  EXPECT_TRUE(result.rows.empty());
}

}  // namespace
}  // namespace faultline
