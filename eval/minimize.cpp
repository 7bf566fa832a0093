#include "faultline/eval/minimize.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "faultline/core/error.h"
#include "faultline/eval/attack_chunk.h"
#include "faultline/eval/finding_batch.h"
#include "faultline/eval/finding_fit.h"
#include "faultline/eval/minimize_recipe.h"
#include "faultline/eval/outside_finding.h"
#include "faultline/eval/runner.h"

namespace faultline {

namespace {

constexpr int kMostRounds = 16;
constexpr double kTolerance = 0.01;         // of the distance: where bisection ends
constexpr std::int64_t kLargestPart = 100;  // findings
constexpr std::int64_t kSmallestPart = 16;

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
                                      .attack = setup_.attack.info.name,
                                      .options = values_of(setup_.attack.options),
                                      .seed = setup_.seed},
                                     batch_.starts[static_cast<std::int64_t>(i)], clean_[i], witnesses_[i]);
      }
    }
    return results;
  }

 private:
  [[nodiscard]] bool starts_failing(std::size_t i) const {
    return !fails(clean_[i]) && witnesses_[i].judgement == Judgement::kAccepted;
  }

  [[nodiscard]] Minimized::Outcome outcome_at_first(std::size_t i) const {
    if (fails(clean_[i])) {
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

/// The findings of one chunk on one worker.
class Part {
 public:
  Part(TargetStack& target, ModelFit& fit, const MinimizeSetup& setup) : target_(target), fit_(fit), setup_(setup) {}

  std::vector<Minimized> run(std::vector<StoredFinding>& parents) {
    for (StoredFinding& parent : parents) {
      sort_in(parent);
    }
    for (const auto& [budget, group] : by_recipe_) {
      search_recipes(budget.first, group);
    }
    for (const auto& [kind, group] : grouped(by_distance_, finding_of)) {
      if (can_attack(setup_.attack, kind)) {
        take(Search(target_, group, fit_.classes(kind.shape), setup_).run());
        continue;
      }
      for (const StoredFinding* parent : group) {
        pass_over(*parent, Minimized::Outcome::kNoBudget);
      }
    }
    return std::move(results_);
  }

 private:
  void pass_over(const StoredFinding& parent, Minimized::Outcome outcome) {
    results_.push_back({.id = parent.finding.id, .outcome = outcome});
  }

  void take(std::vector<Minimized> part) { std::ranges::move(part, std::back_inserter(results_)); }

  /// What cannot be asked of this model after all spoils no other finding.
  void search_recipes(const FindingKind& kind, const std::vector<RecipeParent>& group) {
    const std::vector<ConfiguredOracle> oracles{setup_.oracles.configure(kind.oracle, "entry.json")};
    try {
      take(RecipeSearch(target_, group, oracles, fit_.classes(kind.shape), setup_).run());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUsage) {
        throw;
      }
      if (group.size() == 1) {
        pass_over(*group.front().stored, Minimized::Outcome::kIncompatible);
        return;
      }
      for (const RecipeParent& parent : group) {
        search_recipes(kind, {parent});
      }
    }
  }

  void sort_in(StoredFinding& parent) {
    const Failure& failure = parent.finding.failure;
    const Discovery* made_from = nullptr;
    if (is_run_outside(failure.oracle)) {
      pass_over(parent, Minimized::Outcome::kNoBudget);
      return;
    }
    if (!parent.finding.has_tensors()) {
      made_from = setup_.recipes == nullptr ? nullptr : setup_.recipes->make(parent).from;
      if (made_from == nullptr) {
        pass_over(parent, Minimized::Outcome::kNoWitness);
        return;
      }
    }
    if (!fit_.misfit(target_, parent).empty()) {
      pass_over(parent, Minimized::Outcome::kIncompatible);
      return;
    }
    std::optional<Recipe> recipe = failure.target ? std::nullopt : recipe_to_minimize(parent, setup_.mutators);
    if (recipe) {
      by_recipe_[{kind_of(failure), failure.budget ? failure.budget->epsilon : 0}].push_back(
          {&parent, std::move(*recipe), made_from});
    } else if (made_from == nullptr) {
      by_distance_.push_back(&parent);
    } else {
      pass_over(parent, Minimized::Outcome::kNoBudget);  // a nearer witness could not be stored as a recipe
    }
  }

  TargetStack& target_;
  ModelFit& fit_;
  const MinimizeSetup& setup_;
  std::map<std::pair<FindingKind, double>, std::vector<RecipeParent>> by_recipe_;  // by kind and budget
  std::vector<const StoredFinding*> by_distance_;
  std::vector<Minimized> results_;
};

/// Findings that a worker takes at once: several parts for each, so that an interruption loses little.
std::int64_t part_of(std::int64_t findings, int workers) {
  constexpr std::int64_t kPartsPerWorker = 4;
  return std::clamp(findings / (kPartsPerWorker * workers), kSmallestPart, kLargestPart);
}

/// The part's results; none when it was interrupted.
std::vector<Minimized> minimize_part(TargetStack& target, ModelFit& fit, std::vector<StoredFinding>& parents,
                                     const MinimizeSetup& setup) {
  try {
    return Part(target, fit, setup).run(parents);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInterrupted) {
      throw;
    }
    return {};
  }
}

}  // namespace

std::vector<Minimized> minimize(const Corpus& corpus, const std::vector<std::string>& ids, const MinimizeSetup& setup) {
  std::vector<std::unique_ptr<TargetStack>> targets;
  for (int worker = 0; worker < setup.workers; ++worker) {
    targets.push_back(std::make_unique<TargetStack>(setup.make_target, setup.compared));
  }
  ModelFit fit(setup.device, &setup.oracles);
  std::mutex mutex;
  Progress progress{.total = static_cast<std::int64_t>(ids.size())};
  const DamageObserver damaged = [&](const std::string& message) {
    const std::lock_guard lock(mutex);
    setup.damaged(message);
  };
  std::map<std::string, Minimized> results;
  run_chunks(
      chunks_of(0, progress.total, part_of(progress.total, setup.workers)), setup.workers, setup.stop,
      [&](int worker, const Chunk& chunk) {
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
