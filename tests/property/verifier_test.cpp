// The judge of success, on linear targets whose every logit is known.
#include "faultline/core/verifier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "faultline/core/error.h"
#include "row.h"

namespace faultline {
namespace {

/// Logits = inputs * weights + shift; counts its calls.
class LinearScores final : public ScoreTarget {
 public:
  explicit LinearScores(Tensor weights, double shift_of_first_class = 0)
      : weights_(std::move(weights)), shift_(shift_of_first_class) {}

  Tensor logits(const Tensor& inputs) override {
    ++calls_;
    Tensor result = inputs.flatten(1).matmul(weights_);
    result.select(1, 0) += shift_;
    return result;
  }

  [[nodiscard]] int calls() const { return calls_; }

 private:
  Tensor weights_;
  double shift_;
  int calls_ = 0;
};

Batch batch_of(const Tensor& inputs, std::int64_t label) {
  return {inputs, at::full({inputs.size(0)}, label, at::kLong), identify(inputs, 0), {}};
}

/// Each input element is the logit of its class.
LinearScores plain_target() { return LinearScores(at::eye(3, at::kFloat)); }

Verdict verdict_of(const Tensor& candidate, const Tensor& clean, const ThreatModel& threat) {
  LinearScores target = plain_target();
  return verify(target, target, batch_of(clean, 0), threat, candidate).at(0);
}

ThreatModel linf(double epsilon, Bounds bounds = {}) {
  return {.norm = Norm::kLinf, .epsilon = at::full({1}, epsilon, at::kDouble), .bounds = bounds};
}

const Tensor kClean = row({0.625F, 0.5F, 0});

TEST(Verifier, AcceptsAnAdversarialExampleAndReportsIt) {
  const Verdict verdict = verdict_of(row({0.5F, 0.75F, 0.125F}), kClean, linf(0.25));
  EXPECT_EQ(verdict.judgement, Judgement::kAccepted);
  EXPECT_EQ(verdict.prediction, 1);
  EXPECT_EQ(verdict.margin, -0.25);
  EXPECT_EQ(verdict.distance, 0.25);
  const double expected = std::exp(0.75) / (std::exp(0.5) + std::exp(0.75) + std::exp(0.125));
  EXPECT_NEAR(verdict.confidence, expected, 1e-12);
}

TEST(Verifier, RejectsTheCleanInputAndOtherRightPoints) {
  EXPECT_EQ(verdict_of(kClean, kClean, linf(0.25)).judgement, Judgement::kRejected);
  EXPECT_EQ(verdict_of(row({0.75F, 0.5F, 0}), kClean, linf(0.25)).judgement, Judgement::kRejected);
}

TEST(Verifier, RejectsOneUnitOutsideTheBall) {
  const double epsilon = 0.25;
  EXPECT_EQ(verdict_of(row({0.5F, 0.75F, 0}), kClean, linf(epsilon)).judgement, Judgement::kAccepted);
  const Tensor outside = row({0.5F, std::nextafter(0.75F, 1.0F), 0});
  EXPECT_EQ(verdict_of(outside, kClean, linf(epsilon)).judgement, Judgement::kRejected);
  EXPECT_EQ(verdict_of(row({0.5F, 0.75F, 0}), kClean, linf(std::nextafter(epsilon, 0.0))).judgement,
            Judgement::kRejected);
}

TEST(Verifier, RejectsOneUnitOutsideTheBox) {
  EXPECT_EQ(verdict_of(row({0, 1, 0}), kClean, linf(9)).judgement, Judgement::kAccepted);
  EXPECT_EQ(verdict_of(row({0, std::nextafter(1.0F, 2.0F), 0}), kClean, linf(9)).judgement, Judgement::kRejected);
  EXPECT_EQ(verdict_of(row({std::nextafter(0.0F, -1.0F), 1, 0}), kClean, linf(9)).judgement, Judgement::kRejected);
}

TEST(Verifier, TakesBoundsAsTheirNearestFloat32) {
  // 0.3 as float32 is above 0.3: data and projections stop at the float32.
  const Bounds bounds{0.1, 0.3};
  const Tensor clean = row({0.3F, 0.1F, 0.2F});
  EXPECT_EQ(verdict_of(row({0.1F, 0.3F, 0.2F}), clean, linf(9, bounds)).judgement, Judgement::kAccepted);
  const Tensor above = row({0.1F, std::nextafter(0.3F, 1.0F), 0.2F});
  EXPECT_EQ(verdict_of(above, clean, linf(9, bounds)).judgement, Judgement::kRejected);
  const Tensor below = row({std::nextafter(0.1F, 0.0F), 0.3F, 0.2F});
  EXPECT_EQ(verdict_of(below, clean, linf(9, bounds)).judgement, Judgement::kRejected);
}

TEST(Verifier, RejectsWhatIsNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(verdict_of(row({0.5F, 0.75F, nan}), kClean, linf(9)).judgement, Judgement::kRejected);
  EXPECT_EQ(verdict_of(row({0, infinity, 0}), kClean, linf(9, {-infinity, infinity})).judgement, Judgement::kRejected);
  LinearScores broken(at::full({3, 3}, nan));
  const auto verdicts = verify(broken, broken, batch_of(kClean, 0), linf(9), row({0, 1, 0}));
  EXPECT_EQ(verdicts.at(0).judgement, Judgement::kRejected);
}

TEST(Verifier, CallsMarginsWithinTauANearTie) {
  const float tau = 0x1p-16F;
  const auto with_lead = [&](float lead) {
    return verdict_of(row({0.5F, 0.5F + lead, 0}), kClean, linf(0.25)).judgement;
  };
  EXPECT_EQ(with_lead(0), Judgement::kNearTie);
  EXPECT_EQ(with_lead(tau), Judgement::kNearTie);
  EXPECT_EQ(with_lead(-tau), Judgement::kNearTie);
  EXPECT_EQ(with_lead(1.5F * tau), Judgement::kAccepted);
  EXPECT_EQ(with_lead(-1.5F * tau), Judgement::kRejected);
}

TEST(Verifier, LooksAtSmallMarginsAlone) {
  const Tensor small = row({0.5F, 0.5F + 0x1p-14F, 0});  // 4 tau
  const Tensor large = row({0.5F, 0.75F, 0});
  LinearScores together = plain_target();
  LinearScores alone(at::eye(3, at::kFloat), /*shift_of_first_class=*/0x1p-14);
  const Batch batch = batch_of(at::cat({kClean, kClean}), 0);
  ThreatModel threat = linf(0.25);
  threat.epsilon = at::full({2}, 0.25, at::kDouble);
  const auto verdicts = verify(together, alone, batch, threat, at::cat({large, small}));
  EXPECT_EQ(together.calls(), 1);
  EXPECT_EQ(alone.calls(), 1) << "only the row with the small margin";
  EXPECT_EQ(verdicts.at(0).judgement, Judgement::kAccepted);
  EXPECT_EQ(verdicts.at(1).judgement, Judgement::kNearTie);
  EXPECT_EQ(verdicts.at(1).margin, 0) << "the less favourable of the two looks";
}

TEST(Verifier, RejectsARowThatIsNotFiniteAlone) {
  LinearScores together = plain_target();
  LinearScores alone(at::eye(3, at::kFloat), std::numeric_limits<double>::quiet_NaN());
  const auto verdicts = verify(together, alone, batch_of(kClean, 0), linf(0.25), row({0.5F, 0.5F + 0x1p-14F, 0}));
  EXPECT_EQ(verdicts.at(0).judgement, Judgement::kRejected);
}

TEST(Verifier, AsksForTheTargetWhenThereIsOne) {
  ThreatModel aimed = linf(1);
  aimed.targets = at::tensor({2}, at::kLong);
  EXPECT_EQ(verdict_of(row({0, 1, 0.5F}), kClean, aimed).judgement, Judgement::kRejected)
      << "wrong, but not the target";
  const Verdict reached = verdict_of(row({0, 0.5F, 0.75F}), kClean, aimed);
  EXPECT_EQ(reached.judgement, Judgement::kAccepted);
  EXPECT_EQ(reached.prediction, 2);
  EXPECT_EQ(reached.margin, -0.25);
  EXPECT_EQ(verdict_of(row({0, 0.5F, 0.5F}), kClean, aimed).judgement, Judgement::kNearTie);
}

TEST(Verifier, MeasuresEachRowByItsOwnEpsilonAndNorm) {
  LinearScores target = plain_target();
  const Tensor candidates = at::cat({row({0.5F, 0.75F, 0}), row({0.5F, 0.75F, 0})});
  ThreatModel threat{.norm = Norm::kL1, .epsilon = at::tensor({0.375, 0.374}, at::kDouble)};
  const auto verdicts = verify(target, target, batch_of(at::cat({kClean, kClean}), 0), threat, candidates);
  EXPECT_EQ(verdicts.at(0).judgement, Judgement::kAccepted);
  EXPECT_EQ(verdicts.at(0).distance, 0.375);
  EXPECT_EQ(verdicts.at(1).judgement, Judgement::kRejected);
}

TEST(Verifier, JudgesNoRowsAsNone) {
  LinearScores target = plain_target();
  const Batch none = batch_of(at::zeros({0, 3}), 0);
  EXPECT_TRUE(verify(target, target, none, uniform_threat(Norm::kL2, 1, none, {}), none.inputs).empty());
  EXPECT_TRUE(judge_clean(target, none).empty());
}

TEST(CleanVerdict, CountsNearTiesAsRightAndFlagsThem) {
  LinearScores target = plain_target();
  const Tensor inputs =
      at::cat({row({0.75F, 0.5F, 0}), row({0.5F, 0.5F, 0}), row({0.5F, 0.5F + 0x1p-16F, 0}), row({0.5F, 0.75F, 0})});
  const auto verdicts = judge_clean(target, batch_of(inputs, 0));
  const auto state = [&](std::size_t n) { return std::pair{verdicts.at(n).right, verdicts.at(n).near_tie}; };
  EXPECT_EQ(state(0), std::pair(true, false));
  EXPECT_EQ(state(1), std::pair(true, true));
  EXPECT_EQ(state(2), std::pair(true, true));
  EXPECT_EQ(state(3), std::pair(false, false));
  EXPECT_EQ(verdicts.at(3).prediction, 1);
  EXPECT_EQ(verdicts.at(3).margin, -0.25);
}

TEST(CleanVerdict, RefusesAModelThatIsNotFinite) {
  LinearScores broken(at::full({3, 3}, std::numeric_limits<float>::infinity()));
  Batch batch = batch_of(kClean, 0);
  batch.ids[0].index = 17;
  try {
    static_cast<void>(judge_clean(broken, batch));
    FAIL() << "must throw";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_NE(std::string(error.what()).find("clean sample 17"), std::string::npos);
  }
}

}  // namespace
}  // namespace faultline
