#include "faultline/eval/minimize.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "faultline/core/error.h"
#include "faultline/eval/attack_chunk.h"
#include "faultline/eval/finding_batch.h"
#include "faultline/eval/finding_fit.h"
#include "faultline/eval/runner.h"

namespace faultline {

namespace {

constexpr int kMostRounds = 16;
constexpr double kTolerance = 0.01;  // of the distance: where bisection ends
constexpr std::int64_t kBatch = 100;

/// One batch of findings of one kind on the way to smaller witnesses.
class Search {
 public:
  Search(TargetStack& target, const std::vector<const StoredFinding*>& parents, std::int64_t classes,
         const MinimizeSetup& setup)
      : target_(target), parents_(parents), setup_(setup), classes_(classes) {
    std::vector<const Finding*> findings;
    for (const StoredFinding* parent : parents) {
      findings.push_back(&parent->finding);
    }
    batch_ = batch_of(findings, setup.device);
    threat_ = threat_of(findings, setup.device);
    clean_ = ask(target.padded(), batch_.inputs, batch_.labels, ThreatModel{});
    witnesses_ = verify(target.padded(), target.plain(), batch_, threat_, batch_.starts);
    failed_.assign(parents.size(), 0);
  }

  std::vector<Minimized> run() {
    std::vector<Minimized> results;
    for (std::size_t i = 0; i < parents_.size(); ++i) {
      results.push_back({.id = parents_[i]->finding.id,
                         .outcome = outcome_at_first(i),
                         .before = witnesses_[i].distance,
                         .after = witnesses_[i].distance});
    }
    for (int round = 0; round < kMostRounds && probe(round); ++round) {
    }
    for (std::size_t i = 0; i < parents_.size(); ++i) {
      if (witnesses_[i].distance < results[i].before) {
        results[i].outcome = Minimized::Outcome::kSmaller;
        results[i].after = witnesses_[i].distance;
        results[i].found = follow_up(*parents_[i],
                                     {.line = setup_.line,
                                      .model = setup_.model,
                                      .preprocessing = setup_.preprocessing,
                                      .classes = classes_,
                                      .attack = setup_.attack,
                                      .seed = setup_.seed},
                                     batch_.starts[static_cast<std::int64_t>(i)], clean_[i], witnesses_[i]);
      }
    }
    return results;
  }

 private:
  [[nodiscard]] bool is_clean_right(std::size_t i) const {
    return clean_[i].finite && clean_[i].margin >= -clean_[i].tau;
  }

  [[nodiscard]] bool starts_failing(std::size_t i) const {
    return is_clean_right(i) && witnesses_[i].judgement == Judgement::kAccepted;
  }

  [[nodiscard]] Minimized::Outcome outcome_at_first(std::size_t i) const {
    if (!is_clean_right(i)) {
      return Minimized::Outcome::kInvalid;
    }
    return starts_failing(i) ? Minimized::Outcome::kSmallest : Minimized::Outcome::kPasses;
  }

  /// The middle between the largest budget that failed and the nearest witness; nothing when they are near enough.
  [[nodiscard]] std::optional<double> next(std::size_t i) const {
    const double nearest = witnesses_[i].distance;
    if (!starts_failing(i) || nearest - failed_[i] <= kTolerance * nearest) {
      return std::nullopt;
    }
    return (failed_[i] + nearest) / 2;
  }

  /// One attack on every row that is not settled. Returns whether there was one.
  bool probe(int round) {
    std::vector<std::int64_t> rows;
    std::vector<double> epsilons;
    for (std::size_t i = 0; i < parents_.size(); ++i) {
      if (const std::optional<double> epsilon = next(i)) {
        rows.push_back(static_cast<std::int64_t>(i));
        epsilons.push_back(*epsilon);
      }
    }
    if (rows.empty()) {
      return false;
    }
    const Tensor chosen = at::tensor(rows, at::kLong);
    ThreatModel threat = select(threat_, chosen);
    threat.epsilon = at::tensor(epsilons, at::kDouble).to(setup_.device);
    AttackCost cost;
    const Rng rng = Rng(setup_.seed).derived("minimize", static_cast<std::uint64_t>(round));
    const Attempt tried = attempt(target_, setup_.attack, select(batch_, chosen), threat, rng, cost);
    for (std::size_t k = 0; k < rows.size(); ++k) {
      const auto i = static_cast<std::size_t>(rows[k]);
      if (tried.outcomes[k] == Outcome::kFound) {
        batch_.starts[rows[k]] = tried.result.candidates[static_cast<std::int64_t>(k)];
        witnesses_[i] = tried.verdicts[k];
      } else {
        failed_[i] = epsilons[k];
      }
    }
    return true;
  }

  TargetStack& target_;
  const std::vector<const StoredFinding*>& parents_;
  const MinimizeSetup& setup_;
  std::int64_t classes_;
  Batch batch_;  // starts: the nearest witnesses so far
  ThreatModel threat_;
  std::vector<Answer> clean_;
  std::vector<Verdict> witnesses_;
  std::vector<double> failed_;
};

const Finding& finding_of(const StoredFinding* stored) { return stored->finding; }

std::vector<Minimized> minimize_part(TargetStack& target, ModelFit& fit, const std::vector<StoredFinding>& parents,
                                     const MinimizeSetup& setup) {
  std::vector<Minimized> results;
  std::vector<const StoredFinding*> fitting;
  for (const StoredFinding& parent : parents) {
    if (parent.finding.failure.oracle != Failure{}.oracle || !parent.finding.has_tensors()) {
      results.push_back({.id = parent.finding.id, .outcome = Minimized::Outcome::kNoBudget});
    } else if (fit.misfit(target, parent).empty()) {
      fitting.push_back(&parent);
    } else {
      results.push_back({.id = parent.finding.id, .outcome = Minimized::Outcome::kIncompatible});
    }
  }
  for (const auto& [kind, group] : grouped(fitting, finding_of)) {
    if (can_attack(setup.attack, kind)) {
      std::vector<Minimized> part = Search(target, group, fit.classes(kind.shape), setup).run();
      std::ranges::move(part, std::back_inserter(results));
      continue;
    }
    for (const StoredFinding* parent : group) {
      results.push_back({.id = parent->finding.id, .outcome = Minimized::Outcome::kNoBudget});
    }
  }
  return results;
}

}  // namespace

std::vector<Minimized> minimize(const Corpus& corpus, const std::vector<std::string>& ids, const MinimizeSetup& setup) {
  std::vector<std::unique_ptr<TargetStack>> targets;
  for (int worker = 0; worker < setup.workers; ++worker) {
    targets.push_back(std::make_unique<TargetStack>(setup.make_target));
  }
  ModelFit fit(setup.device);
  std::mutex mutex;
  Progress progress{.total = static_cast<std::int64_t>(ids.size())};
  const DamageObserver damaged = [&](const std::string& message) {
    const std::lock_guard lock(mutex);
    setup.damaged(message);
  };
  std::map<std::string, Minimized> results;
  run_chunks(chunks_of(0, progress.total, kBatch), setup.workers, setup.stop, [&](int worker, const Chunk& chunk) {
    std::vector<StoredFinding> parents;
    for (std::int64_t i = chunk.first; i < chunk.first + chunk.count; ++i) {
      if (std::optional<StoredFinding> parent = corpus.load_sound(ids[static_cast<std::size_t>(i)], damaged)) {
        parents.push_back(std::move(*parent));
      }
    }
    std::vector<Minimized> part = minimize_part(*targets[static_cast<std::size_t>(worker)], fit, parents, setup);
    const std::lock_guard lock(mutex);
    for (Minimized& minimized : part) {
      const std::string id = minimized.id;
      progress.errors += minimized.outcome == Minimized::Outcome::kSmaller ? 1 : 0;
      results.emplace(id, std::move(minimized));
    }
    progress.done += chunk.count;
    if (setup.progress) {
      setup.progress(progress);
    }
  });
  std::vector<Minimized> ordered;
  for (auto& [id, minimized] : results) {
    ordered.push_back(std::move(minimized));
  }
  return ordered;
}

}  // namespace faultline
