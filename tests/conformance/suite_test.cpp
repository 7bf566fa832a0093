// The suite finds the flaws that attacks have: each is planted once.
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <limits>

#include "conformance/attack_conformance.h"
#include "conformance/subjects.h"
#include "faultline/core/best_points.h"
#include "faultline/core/projection.h"

namespace faultline {
namespace {

enum class Flaw {
  kNone,
  kOverBudget,
  kOutOfBounds,
  kNotFinite,
  kFloat64,
  kClaimsAll,
  kClaimsNothing,
  kIgnoresTarget,
  kDependsOnPlace,
  kDependsOnBatch,
  kIgnoresSeed,
  kForgetsSeed,
  kChangesInputs,
  kChangesLabels,
  kChangesEpsilon,
  kTrustsStarts,
  kKeepsLast,
  kFindsNothing,
};

struct FlawedOptions {
  int draws = 20;  ///< Draws per sample.
  static void fields(auto& o, auto&& visit) { visit("draws", o.draws, AtLeast{1}, "draws per sample"); }
};

/// The flaws of a finished result.
template <Flaw flaw>
void spoil(AttackResult& result, const Batch& batch, const ThreatModel& threat, const Tensor& last) {
  Tensor& points = result.candidates;
  if (flaw == Flaw::kOverBudget) {
    points = batch.inputs + (points - batch.inputs) * 1.0001;
    points.clamp_(threat.bounds.lower, threat.bounds.upper);
  } else if (flaw == Flaw::kOutOfBounds) {
    points = at::where(points.eq(threat.bounds.upper), points.nextafter(points + 1), points);
  } else if (flaw == Flaw::kNotFinite) {
    points.select(0, batch.size() - 1).fill_(std::numeric_limits<float>::quiet_NaN());
  } else if (flaw == Flaw::kFloat64) {
    points = points.to(at::kDouble);
  } else if (flaw == Flaw::kClaimsAll) {
    result.claimed.fill_(true);
  } else if (flaw == Flaw::kClaimsNothing) {
    result.claimed.fill_(false);
  } else if (flaw == Flaw::kChangesInputs) {
    batch.inputs.select(0, batch.size() - 1).copy_(points.select(0, batch.size() - 1));
  } else if (flaw == Flaw::kChangesLabels) {
    batch.labels.select(0, 0).fill_(0);
  } else if (flaw == Flaw::kChangesEpsilon) {
    threat.epsilon.mul_(0.999);
  } else if (flaw == Flaw::kKeepsLast) {
    points = at::where(broadcast_rows(result.claimed, points).to(at::kBool), points, last);
  } else if (flaw == Flaw::kTrustsStarts && batch.starts.defined()) {
    points = batch.starts;
  }
}

/// Random corners of the ball, and one flaw.
template <Flaw flaw>
AttackResult flawed(ScoreTarget& target, const Batch& batch, const ThreatModel& threat, const FlawedOptions& options,
                    const Rng& rng) {
  static std::uint64_t calls = 0;
  const Rng own = flaw == Flaw::kIgnoresSeed ? Rng(0) : (flaw == Flaw::kForgetsSeed ? Rng(++calls) : rng);
  const Tensor all = at::arange(batch.size(), at::kLong);
  ThreatModel aim = threat;
  if (flaw == Flaw::kIgnoresTarget) {
    aim.targets = Tensor();
  }
  BestPoints best(batch, aim);
  Tensor last = batch.inputs;
  for (int number = 0; number < options.draws && flaw != Flaw::kFindsNothing; ++number) {
    const Draw draw{.restart = static_cast<std::uint32_t>(number)};
    Tensor share = own.uniform(batch.ids, batch.inputs.sizes(), draw);
    if (flaw == Flaw::kDependsOnPlace) {
      share = (share + broadcast_rows(all * 0.03, share)).remainder(1);
    } else if (flaw == Flaw::kDependsOnBatch) {
      share = (share + 0.03 * static_cast<double>(batch.size())).remainder(1);
    }
    const double side = threat.bounds.upper - threat.bounds.lower;
    const Tensor point = project(batch.inputs + side * (2 * share - 1).sign(), batch.inputs, threat);
    best.offer(all, point, target.logits(point));
    last = point;
  }
  AttackResult result = std::move(best).result();
  spoil<flaw>(result, batch, threat, last);
  return result;
}

/// What the suite says of an attack with the flaw, in one text; empty when it has no complaint.
template <Flaw flaw>
std::string complaints() {
  AttackRegistry registry;
  registry.add<&flawed<flaw>>({.name = "flawed", .norms = {Norm::kL2, Norm::kLinf}, .targeted = true});
  ConformanceSubject subject = linear_subject({0, 1});
  subject.batch.labels = subject.batch.labels.clone();
  ::testing::TestPartResultArray failures;
  {
    const ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
    check_attack(registry.entries().front(), subject, {}, Chance::kSeeded);
  }
  std::string text;
  for (int i = 0; i < failures.size(); ++i) {
    text += std::string(failures.GetTestPartResult(i).message()) + "\n";
  }
  return text;
}

template <Flaw flaw>
void expect_complaint(const std::string& words) {
  const std::string text = complaints<flaw>();
  EXPECT_NE(text.find(words), std::string::npos) << "expected '" << words << "', the suite says:\n"
                                                 << text.substr(0, 2000);
}

TEST(ConformanceSuite, HasNoComplaintAboutASoundAttack) { EXPECT_EQ(complaints<Flaw::kNone>(), ""); }

TEST(ConformanceSuite, FindsCandidatesOutsideTheThreatModel) {
  expect_complaint<Flaw::kOverBudget>("over budget");
  expect_complaint<Flaw::kOutOfBounds>("leave the bounds above");
  expect_complaint<Flaw::kNotFinite>("not finite");
  expect_complaint<Flaw::kFloat64>("must be float32");
  expect_complaint<Flaw::kTrustsStarts>("with starts far outside the budget");
}

TEST(ConformanceSuite, FindsFalseClaims) {
  expect_complaint<Flaw::kClaimsAll>("claimed, but the verifier rejects it");
  expect_complaint<Flaw::kClaimsNothing>("not claimed, but the verifier accepts it");
  expect_complaint<Flaw::kIgnoresTarget>("claimed, but the verifier rejects it");
  expect_complaint<Flaw::kFindsNothing>("finds nothing");
}

TEST(ConformanceSuite, FindsAThrownAwayBestPoint) {
  expect_complaint<Flaw::kKeepsLast>("a better point than the candidate was seen");
}

TEST(ConformanceSuite, FindsRowsThatDependOnTheirBatch) {
  expect_complaint<Flaw::kDependsOnPlace>("in reverse order");
  expect_complaint<Flaw::kDependsOnBatch>("alone");
}

TEST(ConformanceSuite, FindsWrongUseOfTheSeed) {
  expect_complaint<Flaw::kIgnoresSeed>("another seed gives the same bytes");
  expect_complaint<Flaw::kForgetsSeed>("the same seed gives other bytes");
}

TEST(ConformanceSuite, FindsChangedInputs) {
  expect_complaint<Flaw::kChangesInputs>("changed the batch's inputs");
  expect_complaint<Flaw::kChangesLabels>("changed the batch's labels");
  expect_complaint<Flaw::kChangesEpsilon>("changed the threat's epsilon");
}

}  // namespace
}  // namespace faultline
