#include "conformance/attack_conformance.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>

#include "faultline/core/distance.h"
#include "faultline/core/margin.h"
#include "faultline/core/projection.h"
#include "faultline/core/verifier.h"
#include "faultline/targets/metered.h"

namespace faultline {

namespace {

/// Budgets of neighbouring rows, as shares of the largest distance inside the bounds.
constexpr std::array<double, 5> kShares{0, 0.01, 0.05, 0.2, 1};
constexpr std::uint64_t kSeed = 7;

bool same_bytes(const Tensor& a, const Tensor& b) {
  if (a.scalar_type() != b.scalar_type() || a.sizes() != b.sizes()) {
    return false;
  }
  const Tensor left = a.contiguous();
  const Tensor right = b.contiguous();
  return std::memcmp(left.const_data_ptr(), right.const_data_ptr(), left.nbytes()) == 0;
}

Tensor as_rows(const std::vector<std::int64_t>& rows) { return at::tensor(rows, at::kLong); }

/// Everything an attack is given, to see whether it was changed.
struct Given {
  Batch batch;
  ThreatModel threat;
};

Given copy_of(const Batch& batch, const ThreatModel& threat) {
  Given copy{batch, threat};
  for (Tensor* tensor :
       {&copy.batch.inputs, &copy.batch.labels, &copy.batch.starts, &copy.threat.epsilon, &copy.threat.targets}) {
    *tensor = tensor->defined() ? tensor->clone() : *tensor;
  }
  return copy;
}

/// Keeps every question about a single sample and its answer.
class Recorder final : public Target {
 public:
  explicit Recorder(Target& inner) : inner_(inner) {}

  Tensor logits(const Tensor& inputs) override {
    points_.push_back(inputs.clone());
    answers_.push_back(inner_.logits(inputs));
    return answers_.back().clone();
  }
  Linearization linearize(const Tensor& inputs) override {
    points_.push_back(inputs.clone());
    Linearization here = inner_.linearize(inputs);
    answers_.push_back(here.logits.clone());
    return here;
  }

  /// The lowest goal margin at a point inside the sample's threat model; infinite when there was none.
  [[nodiscard]] double best_margin(const Batch& sample, const ThreatModel& threat) const {
    if (points_.empty()) {
      return std::numeric_limits<double>::infinity();
    }
    const Tensor points = at::cat(points_);
    const Tensor logits = at::cat(answers_);
    const Tensor same = at::zeros({points.size(0)}, at::kLong);
    const Batch repeated = select(sample, same);
    const ThreatModel budget = select(threat, same);
    const Tensor legal = points.ge(threat.bounds.lower).logical_and(points.le(threat.bounds.upper)).flatten(1).all(1);
    const Tensor near = distance(points, repeated.inputs, threat.norm).le(budget.epsilon);
    const Tensor margins = goal_margin(logits, repeated.labels, budget).to(at::kDouble);
    return at::where(legal.logical_and(near), margins, std::numeric_limits<double>::infinity()).amin().item<double>();
  }

 private:
  Target& inner_;
  std::vector<Tensor> points_;
  std::vector<Tensor> answers_;
};

/// One attack at one norm and goal.
class Trial {
 public:
  Trial(const ConfiguredAttack& attack, const ConformanceSubject& subject, Norm norm, bool targeted)
      : attack_(attack), subject_(subject), target_(subject.make), threat_{.norm = norm, .bounds = subject.bounds} {
    const std::int64_t rows = subject.batch.size();
    const double elements = static_cast<double>(subject.batch.inputs.numel() / rows);
    const double largest = largest_distance(norm, subject.bounds.upper - subject.bounds.lower, elements);
    std::vector<double> epsilons;
    std::vector<std::int64_t> targets;
    for (std::int64_t row = 0; row < rows; ++row) {
      const double shrink = 1 - 0.01 * static_cast<double>(row) / static_cast<double>(rows);
      epsilons.push_back(kShares[static_cast<std::size_t>(row) % kShares.size()] * largest * shrink);
      const std::int64_t label = subject.batch.labels[row].item<std::int64_t>();
      targets.push_back((label + 1 + row % (subject.classes - 1)) % subject.classes);
    }
    threat_.epsilon = at::tensor(epsilons, at::kDouble);
    if (targeted) {
      threat_.targets = as_rows(targets);
    }
  }

  void check(Chance chance) {
    const Batch& batch = subject_.batch;
    const AttackResult result = run(batch, threat_, kSeed);
    check_result(batch, result);
    if (::testing::Test::HasFatalFailure()) {
      return;
    }
    if (!threat_.targeted()) {
      EXPECT_GT(result.claimed.sum().item<std::int64_t>(), 0) << "finds nothing, even with the whole box as budget";
    }
    check_rows(batch, result);
    check_seeds(result, chance);
    check_starts();
    if (attack_.info.kind == AttackKind::kFixedBudget) {
      check_best();
    }
  }

 private:
  AttackResult run(const Batch& batch, const ThreatModel& threat, std::uint64_t seed) {
    const Given before = copy_of(batch, threat);
    MeteredTarget metered(target_.padded());
    AttackResult result = attack_.run(metered, batch, threat, Rng(seed));
    EXPECT_TRUE(same_bytes(batch.inputs, before.batch.inputs)) << "changed the batch's inputs";
    EXPECT_TRUE(same_bytes(batch.labels, before.batch.labels)) << "changed the batch's labels";
    EXPECT_TRUE(same_bytes(threat.epsilon, before.threat.epsilon)) << "changed the threat's epsilon";
    if (batch.starts.defined()) {
      EXPECT_TRUE(same_bytes(batch.starts, before.batch.starts)) << "changed the batch's starts";
    }
    if (threat.targeted()) {
      EXPECT_TRUE(same_bytes(threat.targets, before.threat.targets)) << "changed the threat's targets";
    }
    return result;
  }

  /// Shapes, bounds, budget and claims of a result for `batch`, which holds all samples of the subject.
  void check_result(const Batch& batch, const AttackResult& result) {
    const Tensor& candidates = result.candidates;
    ASSERT_TRUE(candidates.scalar_type() == at::kFloat && candidates.sizes() == batch.inputs.sizes())
        << "candidates must be float32 of the inputs' shape";
    ASSERT_TRUE(result.claimed.scalar_type() == at::kBool && result.claimed.sizes() == at::IntArrayRef{batch.size()})
        << "claimed must be [N] bool";
    EXPECT_TRUE(candidates.isfinite().all().item<bool>()) << "candidates are not finite";
    EXPECT_TRUE(candidates.ge(threat_.bounds.lower).all().item<bool>()) << "candidates leave the bounds below";
    EXPECT_TRUE(candidates.le(threat_.bounds.upper).all().item<bool>()) << "candidates leave the bounds above";
    const Tensor distances = distance(candidates, batch.inputs, threat_.norm);
    for (std::int64_t row = 0; row < batch.size(); ++row) {
      EXPECT_LE(distances[row].item<double>(), threat_.epsilon[row].item<double>()) << "row " << row << ": over budget";
    }
    const Tensor free = threat_.epsilon.gt(0);
    EXPECT_TRUE(candidates.index({free.logical_not()}).equal(batch.inputs.index({free.logical_not()})))
        << "rows with epsilon 0 must keep their input";
    check_claims(batch, result);
  }

  void check_claims(const Batch& batch, const AttackResult& result) {
    const std::vector<Verdict> verdicts = verify(target_.padded(), target_.plain(), batch, threat_, result.candidates);
    for (std::int64_t row = 0; row < batch.size(); ++row) {
      const Judgement judgement = verdicts[static_cast<std::size_t>(row)].judgement;
      if (result.claimed[row].item<bool>()) {
        EXPECT_NE(judgement, Judgement::kRejected) << "row " << row << ": claimed, but the verifier rejects it";
      } else {
        EXPECT_NE(judgement, Judgement::kAccepted) << "row " << row << ": not claimed, but the verifier accepts it";
      }
    }
  }

  /// A row's result depends on the row only.
  void check_rows(const Batch& batch, const AttackResult& whole) {
    const std::int64_t rows = batch.size();
    const Tensor all = at::arange(rows, at::kLong);
    expect_part(all.flip(0), whole, "in reverse order");
    expect_part(all.roll(rows / 3), whole, "in another order");
    expect_part(all.narrow(0, 0, 7), whole, "in a batch of the first seven");
    expect_part(all.narrow(0, 7, rows - 7), whole, "in a batch without the first seven");
    for (const std::int64_t row : {std::int64_t{0}, std::int64_t{1}, rows / 2, rows - 2, rows - 1}) {
      expect_part(as_rows({row}), whole, "alone");
    }
    expect_part(at::cat({all, all.narrow(0, 0, 5)}), whole, "beside a copy of itself");
  }

  void expect_part(const Tensor& rows, const AttackResult& whole, const std::string& how) {
    const AttackResult part = run(select(subject_.batch, rows), select(threat_, rows), kSeed);
    EXPECT_TRUE(same_bytes(part.candidates, whole.candidates.index_select(0, rows)))
        << "a row's candidate is another one " << how;
    EXPECT_TRUE(same_bytes(part.claimed, whole.claimed.index_select(0, rows)))
        << "a row's claim is another one " << how;
  }

  void check_seeds(const AttackResult& first, Chance chance) {
    const AttackResult again = run(subject_.batch, threat_, kSeed);
    EXPECT_TRUE(same_bytes(again.candidates, first.candidates)) << "the same seed gives other bytes";
    EXPECT_TRUE(same_bytes(again.claimed, first.claimed)) << "the same seed gives other claims";
    const AttackResult other = run(subject_.batch, threat_, kSeed + 1);
    EXPECT_EQ(same_bytes(other.candidates, first.candidates), chance == Chance::kNone)
        << (chance == Chance::kNone ? "another seed changes what draws nothing" : "another seed gives the same bytes");
  }

  /// Whatever starts a caller brings, the result stays inside the threat model.
  void check_starts() {
    Batch batch = subject_.batch;
    const Tensor share = Rng(kSeed).derived("starts").uniform(batch.ids, batch.inputs.sizes(), {});
    batch.starts = share * (threat_.bounds.upper - threat_.bounds.lower) + threat_.bounds.lower;
    batch.starts.clamp_(threat_.bounds.lower, threat_.bounds.upper);
    SCOPED_TRACE("with starts far outside the budget");
    check_result(batch, run(batch, threat_, kSeed));
  }

  /// Of all points asked about inside the threat model, the candidate is the best.
  void check_best() {
    for (std::int64_t row = 0; row < 10; ++row) {
      const Batch sample = select(subject_.batch, as_rows({row}));
      const ThreatModel threat = select(threat_, as_rows({row}));
      Recorder recorder(target_.padded());
      const AttackResult result = attack_.run(recorder, sample, threat, Rng(kSeed));
      const Tensor logits = target_.padded().logits(result.candidates.to(at::kFloat));
      const double margin = goal_margin(logits, sample.labels, threat).item<double>();
      EXPECT_LE(margin, recorder.best_margin(sample, threat) + tau(logits).item<double>())
          << "row " << row << ": a better point than the candidate was seen";
    }
  }

  const ConfiguredAttack& attack_;
  const ConformanceSubject& subject_;
  TargetStack target_;
  ThreatModel threat_;
};

std::string settings_text(const std::vector<OptionSetting>& settings) {
  std::string text;
  for (const OptionSetting& setting : settings) {
    text += (text.empty() ? ":" : ",") + setting.name + "=" + setting.value;
  }
  return text;
}

}  // namespace

void check_attack(const AttackRegistry::Entry& entry, const ConformanceSubject& subject,
                  const std::vector<OptionSetting>& settings, Chance chance) {
  const ConfiguredAttack attack = entry.configure(settings);
  ASSERT_FALSE(entry.info.norms.empty()) << entry.info.name << " knows no norm";
  for (const Norm norm : entry.info.norms) {
    for (const bool targeted : {false, true}) {
      if (targeted && !entry.info.targeted) {
        continue;
      }
      SCOPED_TRACE(entry.info.name + settings_text(settings) + ", " + std::string(name_of(norm)) +
                   (targeted ? ", targeted" : ", untargeted") + ", on " + subject.name);
      Trial(attack, subject, norm, targeted).check(chance);
    }
  }
}

}  // namespace faultline
