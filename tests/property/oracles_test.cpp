// What each oracle says, on outputs where the answer is known.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine.h"
#include "faultline/core/oracle.h"
#include "faultline/targets/fakes.h"
#include "refusal.h"
#include "row.h"

namespace faultline {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

enum class Verdict3 { kFails, kTie, kHolds, kNeither };

/// Logits are the inputs; an input above 9 makes it throw.
class Echo final : public ScoreTarget {
 public:
  Tensor logits(const Tensor& inputs) override {
    if (inputs.gt(9).any().item<bool>()) {
      throw Error{ErrorCode::kUsage, "too large"};
    }
    return inputs.clone();
  }
};

/// Echoes, and what to compare with.
class Models final : public AskedModels {
 public:
  explicit Models(const std::vector<Tensor>& others = {}) {
    for (const Tensor& logits : others) {
      others_.push_back(std::make_unique<ConstantTarget>(logits.squeeze(0)));
    }
  }

  ScoreTarget& single() override { return single_; }
  std::vector<ScoreTarget*> others() override {
    std::vector<ScoreTarget*> targets;
    for (const std::unique_ptr<ConstantTarget>& other : others_) {
      targets.push_back(other.get());
    }
    return targets;
  }
  ScoreTarget& twin(Twin twin) override {
    asked = twin;
    return single_;
  }

  std::optional<Twin> asked{};

 private:
  Echo single_;
  std::vector<std::unique_ptr<ConstantTarget>> others_;
};

/// What the oracle says of one row with that label, whose clean outputs and outputs are given.
Verdict3 said(const std::string& spec, std::int64_t label, const Tensor& clean, const Tensor& outputs,
              const std::vector<Tensor>& others = {}) {
  const std::vector<ConfiguredOracle> oracles{builtin_registries().oracles.configure(spec, "--oracle")};
  const Batch batch{clean, at::full({1}, label, at::kLong), identify(clean, 0), {}};
  Models models(others);
  const OracleJudge judge(oracles, batch, clean, models);
  const Slack slack = judge.slack(at::zeros({1}, at::kLong), outputs, outputs);
  const double value = slack.values.item<double>();
  const double tolerance = slack.tolerance.item<double>();
  EXPECT_EQ(judge.failed(at::zeros({1}, at::kLong), outputs, outputs).front(), value < -tolerance ? 0 : -1);
  if (std::isnan(value)) {
    return Verdict3::kNeither;
  }
  return value < -tolerance ? Verdict3::kFails : value > tolerance ? Verdict3::kHolds : Verdict3::kTie;
}

const Tensor kCleanLogits = row({3, 1, 0});

TEST(Oracles, MisclassificationLooksAtTheLabel) {
  EXPECT_EQ(said("misclassification", 0, kCleanLogits, row({3, 1, 0})), Verdict3::kHolds);
  EXPECT_EQ(said("misclassification", 0, kCleanLogits, row({1, 2, 0})), Verdict3::kFails);
  EXPECT_EQ(said("misclassification", 0, kCleanLogits, row({2, 2, 0})), Verdict3::kTie);
  EXPECT_EQ(said("misclassification", 0, kCleanLogits, row({1, kNan, 0})), Verdict3::kNeither);
  EXPECT_EQ(said("misclassification", 0, kCleanLogits, row({1, kInfinity, 0})), Verdict3::kNeither);
}

TEST(Oracles, LabelInvarianceLooksAtTheCleanPrediction) {
  EXPECT_EQ(said("label-invariance", 1, kCleanLogits, row({3, 1, 0})), Verdict3::kHolds) << "wrong, but unchanged";
  EXPECT_EQ(said("label-invariance", 1, kCleanLogits, row({1, 3, 0})), Verdict3::kFails) << "right, but changed";
  EXPECT_EQ(said("label-invariance", 0, row({2, 2, 0}), row({1, 3, 0})), Verdict3::kTie)
      << "the clean input had no prediction";
}

TEST(Oracles, ConfidenceWantsAWrongAndSureAnswer) {
  const float sure = std::log(9.0F);  // 0.9 against one other class
  EXPECT_EQ(said("confidence:at-least=0.8", 0, kCleanLogits, row({0, sure, -30})), Verdict3::kFails);
  EXPECT_EQ(said("confidence:at-least=0.95", 0, kCleanLogits, row({0, sure, -30})), Verdict3::kHolds);
  EXPECT_EQ(said("confidence:at-least=0.9", 0, kCleanLogits, row({0, sure, -30})), Verdict3::kTie);
  EXPECT_EQ(said("confidence:at-least=0.8", 1, kCleanLogits, row({0, sure, -30})), Verdict3::kHolds)
      << "sure, but right";
  EXPECT_EQ(said("confidence:at-least=0", 0, kCleanLogits, row({0, 1, 0})), Verdict3::kFails);
  EXPECT_EQ(said("confidence:at-least=1", 0, kCleanLogits, row({0, 30, 0})), Verdict3::kHolds)
      << "nothing is that sure";
}

TEST(Oracles, ScoreDirectionAllowsSomeChange) {
  // Two classes that matter: probabilities 0.5, 0.75 (a logit of log 3).
  const Tensor even = row({0, 0, -40});
  const Tensor up = row({std::log(3.0F), 0, -40});
  EXPECT_EQ(said("score-direction:of=0,by=0.1", 0, up, even), Verdict3::kFails) << "fell by 0.25";
  EXPECT_EQ(said("score-direction:of=0,by=0.3", 0, up, even), Verdict3::kHolds);
  EXPECT_EQ(said("score-direction:of=0,by=0.25", 0, up, even), Verdict3::kTie);
  EXPECT_EQ(said("score-direction:of=0,must=not-rise,by=0.1", 0, even, up), Verdict3::kFails);
  EXPECT_EQ(said("score-direction:of=0,must=not-rise,by=0.1", 0, up, even), Verdict3::kHolds);
  EXPECT_EQ(said("score-direction:by=0.1", 1, up, even), Verdict3::kFails) << "of the class predicted for clean";
  EXPECT_NE(refusal([&] { return said("score-direction:of=3", 0, even, up); }).find("class 3 does not exist"),
            std::string::npos);
}

TEST(Oracles, TopKOverlapCountsCommonClasses) {
  const Tensor clean = row({4, 3, 2, 1, 0});
  EXPECT_EQ(said("top-k-overlap:k=2,at-least=2", 0, clean, row({3, 4, 2, 1, 0})), Verdict3::kHolds) << "another order";
  EXPECT_EQ(said("top-k-overlap:k=2,at-least=2", 0, clean, row({4, 1, 3, 2, 0})), Verdict3::kFails);
  EXPECT_EQ(said("top-k-overlap:k=2,at-least=1", 0, clean, row({4, 1, 3, 2, 0})), Verdict3::kHolds);
  EXPECT_EQ(said("top-k-overlap:k=2,at-least=2", 0, clean, row({4, 3, 3, 1, 0})), Verdict3::kTie);
  EXPECT_NE(refusal([&] { return said("top-k-overlap:k=5", 0, clean, clean); }).find("k < the model's 5"),
            std::string::npos);
}

TEST(Oracles, NonFiniteLooksAtEveryLogit) {
  EXPECT_EQ(said("non-finite", 0, kCleanLogits, row({1, 2, 3})), Verdict3::kHolds);
  const std::vector<ConfiguredOracle> oracles{builtin_registries().oracles.configure("non-finite", "")};
  const Batch batch{kCleanLogits, at::zeros({1}, at::kLong), identify(kCleanLogits, 0), {}};
  Models models;
  const OracleJudge judge(oracles, batch, kCleanLogits, models);
  for (const float bad : {kNan, kInfinity, -kInfinity}) {
    const auto slack = [&](const Tensor& input) {
      return judge.slack(at::zeros({1}, at::kLong), input, row({0, bad, 1})).values.item<double>();
    };
    EXPECT_EQ(slack(kCleanLogits), -1);
    EXPECT_EQ(slack(row({0, bad, 1})), kInfinity) << "the input was not finite itself";
  }
}

TEST(Oracles, ExceptionAsksAloneWhatHasNoAnswer) {
  const std::vector<ConfiguredOracle> oracles{builtin_registries().oracles.configure("exception", "")};
  const Batch batch{kCleanLogits, at::zeros({1}, at::kLong), identify(kCleanLogits, 0), {}};
  Models models;
  const OracleJudge judge(oracles, batch, kCleanLogits, models);
  const auto slack = [&](const Tensor& input, const Tensor& output) {
    return judge.slack(at::zeros({1}, at::kLong), input, output).values.item<double>();
  };
  EXPECT_EQ(slack(row({1, 2, 9}), row({1, 2, 9})), kInfinity);
  EXPECT_EQ(slack(row({1, 2, 10}), row({kNan, kNan, kNan})), -2) << "below that of non-finite";
  EXPECT_EQ(slack(row({1, 2, 9}), row({kNan, kNan, kNan})), kInfinity) << "NaN without throwing is another failure";
}

TEST(Oracles, DisagreementWantsBothModelsToBeSure) {
  EXPECT_EQ(said("disagreement", 0, kCleanLogits, row({3, 1, 0}), {row({5, 0, 0})}), Verdict3::kHolds);
  EXPECT_EQ(said("disagreement", 0, kCleanLogits, row({3, 1, 0}), {row({0, 5, 0})}), Verdict3::kFails);
  EXPECT_EQ(said("disagreement", 0, kCleanLogits, row({3, 1, 0}), {row({0, 0, 5})}), Verdict3::kFails);
  EXPECT_EQ(said("disagreement", 0, kCleanLogits, row({3, 1, 0}), {row({2, 2, 0})}), Verdict3::kTie);
  EXPECT_EQ(said("disagreement:gap=1.5", 0, kCleanLogits, row({3, 1, 0}), {row({0, 1, 0})}), Verdict3::kTie)
      << "the other prefers its own by 1 only";
}

TEST(Oracles, DisagreementWithOneOfSeveralIsEnough) {
  const Tensor ours = row({3, 1, 0});
  EXPECT_EQ(said("disagreement", 0, kCleanLogits, ours, {row({5, 0, 0}), row({0, 5, 0})}), Verdict3::kFails);
  EXPECT_EQ(said("disagreement", 0, kCleanLogits, ours, {row({5, 0, 0}), row({5, 1, 0})}), Verdict3::kHolds);
}

TEST(Oracles, AVoteOnTheCleanInputMustStay) {
  const Tensor first = row({5, 0, 0});
  const Tensor second = row({0, 5, 0});
  const auto vote = [](const Tensor& output, const std::vector<Tensor>& others) {
    return said("label-invariance:from=vote", 2, kCleanLogits, output, others);
  };
  EXPECT_EQ(vote(row({1, 3, 0}), {first, second}), Verdict3::kFails) << "two of three say 0";
  EXPECT_EQ(vote(row({3, 1, 0}), {first, second}), Verdict3::kHolds);
  EXPECT_EQ(vote(row({1, 3, 0}), {second, second}), Verdict3::kTie) << "the model is outvoted";
  EXPECT_EQ(vote(row({1, 3, 0}), {second}), Verdict3::kTie) << "one of two is no majority";
  EXPECT_EQ(vote(row({1, 3, 0}), {row({2, 2, 0}), row({2, 2, 0})}), Verdict3::kTie) << "a tie is no vote";
}

TEST(Oracles, SourcesOfLabelsAreNamed) {
  const OracleRegistry& registry = builtin_registries().oracles;
  EXPECT_EQ(registry.configure("misclassification", "").found_label_source(), "data set");
  EXPECT_EQ(registry.configure("label-invariance", "").found_label_source(), "model");
  EXPECT_EQ(registry.configure("label-invariance:from=vote", "").found_label_source(), "vote");
  EXPECT_EQ(registry.configure("non-finite", "").found_label_source(), "data set");
  EXPECT_TRUE(registry.configure("label-invariance:from=vote", "").info.needs_others);
  EXPECT_FALSE(registry.configure("label-invariance", "").info.needs_others);
}

TEST(Oracles, ConsistencyAsksTheTwin) {
  const std::vector<ConfiguredOracle> oracles{
      builtin_registries().oracles.configure("consistency:across=bfloat16,tolerance=0.01", "")};
  const Batch batch{kCleanLogits, at::zeros({1}, at::kLong), identify(kCleanLogits, 0), {}};
  Models models;
  const OracleJudge judge(oracles, batch, kCleanLogits, models);
  EXPECT_EQ(oracles[0].info.twin, Twin::kBfloat16);
  EXPECT_FALSE(oracles[0].info.compares_batches);
  EXPECT_LT(judge.slack(at::zeros({1}, at::kLong), row({0, 2, 1}), row({0, 2, 1.1F})).values.item<double>(), 0);
  EXPECT_EQ(models.asked, Twin::kBfloat16);
}

TEST(Oracles, ConsistencyComparesARowAloneAndAmongOthers) {
  const std::vector<ConfiguredOracle> oracles{builtin_registries().oracles.configure("consistency:tolerance=0.01", "")};
  const Batch batch{kCleanLogits, at::zeros({1}, at::kLong), identify(kCleanLogits, 0), {}};
  Models models;
  const OracleJudge judge(oracles, batch, kCleanLogits, models);
  const auto slack = [&](const Tensor& among_others) {
    return judge.slack(at::zeros({1}, at::kLong), row({0, 2, 1}), among_others).values.item<double>();
  };
  EXPECT_NEAR(slack(row({0, 2, 1})), 0.01, 1e-9);
  EXPECT_NEAR(slack(row({0, 2, 1.01F})), 0.005, 1e-6) << "0.01 of a largest logit of 2";
  EXPECT_LT(slack(row({0, 2, 1.1F})), 0);
}

TEST(Oracles, ComposedFailWhereOneDoes) {
  const OracleRegistry& registry = builtin_registries().oracles;
  const std::vector<ConfiguredOracle> oracles{registry.configure("non-finite", ""),
                                              registry.configure("misclassification", ""),
                                              registry.configure("label-invariance", "")};
  const Tensor clean = kCleanLogits.expand({4, 3}).contiguous();
  const Batch batch{clean, at::zeros({4}, at::kLong), identify(clean, 0), {}};
  Models models;
  const OracleJudge judge(oracles, batch, clean, models);
  const Tensor outputs = at::cat({row({3, 1, 0}), row({1, 3, 0}), row({0, kNan, 0}), row({2, 1, 0})});
  const Tensor rows = at::arange(4, at::kLong);
  EXPECT_EQ(judge.failed(rows, clean, outputs), (std::vector<std::int64_t>{-1, 1, 0, -1})) << "the one that fails";
  const Slack slack = judge.slack(rows, clean, outputs);
  EXPECT_EQ((slack.values < -slack.tolerance).to(at::kLong).sum().item<std::int64_t>(), 2);
  EXPECT_EQ(slack.values[1].item<double>(), -2) << "the one that fails, not the one with the lower number";
  EXPECT_EQ(slack.values[3].item<double>(), 1);
}

TEST(Oracles, AreToldWithAllTheirOptions) {
  const OracleRegistry& registry = builtin_registries().oracles;
  EXPECT_EQ(registry.configure("misclassification", "").text(), "misclassification");
  EXPECT_EQ(registry.configure("confidence", "").text(), "confidence:at-least=0.9");
  EXPECT_EQ(registry.configure("score-direction:by=0.5", "").text(), "score-direction:must=not-fall,of=-1,by=0.5");
  for (const OracleRegistry::Entry& entry : registry.entries()) {
    const std::string text = registry.configure(entry.info.name, "").text();
    EXPECT_EQ(registry.configure(text, "").text(), text) << "and reads back";
    EXPECT_FALSE(entry.info.sentence.empty());
  }
  EXPECT_EQ(refusal([&] { return registry.configure("confidenc", "--oracle"); }),
            "--oracle: unknown oracle 'confidenc'; did you mean 'confidence'?");
}

}  // namespace
}  // namespace faultline
