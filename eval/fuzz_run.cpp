#include "faultline/eval/fuzz_run.h"

#include <algorithm>
#include <map>

#include "faultline/core/error.h"
#include "faultline/core/rng.h"

namespace faultline {

namespace {

/// Failures that an island makes smaller at the end of a round, beside the first one of each seed: so many at least,
/// and one per so many evaluations.
constexpr std::int64_t kFewestOfAnIsland = 128;
constexpr std::int64_t kEvaluationsPerFailure = 64;

/// A model that ends its process more often has to be mended first; a hang, which costs time, counts as four deaths.
constexpr std::int64_t kMostDeadly = 50;

std::int64_t weight_of(const std::vector<DeadlyInput>& deadly) {
  return std::ssize(deadly) + 3 * std::ranges::count(deadly, Death::kHang, &DeadlyInput::death);
}

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// Inserts into a sorted list what it lacks; says whether it did.
template <typename T>
bool insert_sorted(std::vector<T>& list, const T& value) {
  const auto place = std::ranges::lower_bound(list, value);
  if (place != list.end() && *place == value) {
    return false;
  }
  list.insert(place, value);
  return true;
}

}  // namespace

std::string name_of(FuzzEnd end) {
  switch (end) {
    case FuzzEnd::kEvaluations:
      return "evaluations";
    case FuzzEnd::kTime:
      return "time";
    case FuzzEnd::kQuiet:
      return "quiet";
    case FuzzEnd::kFirstFailure:
      return "first failure";
    case FuzzEnd::kDeaths:
      return "process deaths";
    case FuzzEnd::kInterrupted:
      return "interrupted";
  }
  return "?";
}

FuzzRun::FuzzRun(const FuzzPlan& plan, const FuzzSeeds& seeds, const FuzzSetup& setup)
    : plan_(plan),
      seeds_(seeds),
      setup_(setup),
      scene_(plan, seeds, setup.mutators, setup.oracles, setup.target),
      log_(plan.quota),
      begin_(Clock::now()),
      newest_(begin_) {
  PoolSettings settings{
      .workers = setup.workers, .limits = setup.limits, .first_failure = setup.first_failure, .stop = setup.stop};
  if (setup.time) {
    settings.deadline =
        begin_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(*setup.time));
  }
  pool_ = std::make_unique<IslandPool>(scene_.task(), setup.target.padded_for(setup.oracles), plan.engine, settings);
  state_.broken.assign(static_cast<std::size_t>(seeds.batch.size()), 0);
}

FuzzRun::~FuzzRun() = default;

void FuzzRun::resume(FuzzState state) {
  state_ = std::move(state);
  earlier_seconds_ = state_.seconds;
  for (const FuzzFailure& failure : state_.admitted) {
    (void)log_.offer(failure);  // the same decisions once more
  }
}

const FuzzState& FuzzRun::run() {
  std::optional<FuzzEnd> end = over();
  while (!end) {
    const std::vector<IslandResult> results = pool_->run(jobs(), [this](const PoolProgress& now) { tell(now); });
    merge(results);
    take_failures(results);
    ++state_.round;
    state_.seconds = seconds();
    // A round that was interrupted begins again when the run is resumed: the result is that of a run that was not.
    if (setup_.saved && !setup_.stop) {
      setup_.saved(state_, space());
    }
    end = over();
  }
  end_ = *end;
  return state_;
}

double FuzzRun::seconds() const { return earlier_seconds_ + seconds_since(begin_); }

std::int64_t FuzzRun::unexplained_deaths() const { return pool_->unexplained(); }

std::optional<FuzzEnd> FuzzRun::over() const {
  if (setup_.stop) {
    return FuzzEnd::kInterrupted;
  }
  if (plan_.evaluations > 0 && state_.evaluations >= plan_.evaluations) {
    return FuzzEnd::kEvaluations;
  }
  if (setup_.first_failure && state_.accepted > 0) {
    return FuzzEnd::kFirstFailure;
  }
  if (weight_of(state_.deadly) > kMostDeadly) {
    return FuzzEnd::kDeaths;
  }
  if (setup_.time && seconds_since(begin_) >= *setup_.time) {
    return FuzzEnd::kTime;
  }
  if (setup_.quiet && seconds_since(newest_) >= *setup_.quiet) {
    return FuzzEnd::kQuiet;
  }
  return std::nullopt;
}

std::vector<IslandJob> FuzzRun::jobs() const {
  const std::int64_t most = plan_.round * plan_.islands;
  const std::int64_t budget = plan_.evaluations > 0 ? std::min(most, plan_.evaluations - state_.evaluations) : most;
  const Rng rng = Rng(plan_.seed).derived("fuzz " + name_of(plan_.engine), state_.round);
  std::vector<IslandJob> jobs;
  for (int island = 0; island < plan_.islands; ++island) {
    const std::int64_t share = budget / plan_.islands + (island < budget % plan_.islands ? 1 : 0);
    if (share > 0) {
      jobs.push_back(
          {.seed = rng.word({island, 0}, {}),
           .evaluations = share,
           .corpus = state_.corpus,
           .broken = state_.broken,
           .champions = state_.champions,
           .part = {.part = (island + static_cast<std::int64_t>(state_.round)) % plan_.islands, .parts = plan_.islands},
           .deadly = state_.deadly,
           .quota = {.diverse = 1,
                     .most = static_cast<std::size_t>(std::max(kFewestOfAnIsland, share / kEvaluationsPerFailure))},
           .minimise = plan_.minimise});
    }
  }
  return jobs;
}

void FuzzRun::merge(const std::vector<IslandResult>& results) {
  const std::vector<std::int64_t> before = state_.broken;
  note_first_failure(results);
  FeatureMap map;
  for (const CorpusEntry& entry : state_.corpus) {
    map.add(entry.features);
  }
  for (const IslandResult& result : results) {
    state_.evaluations += result.evaluations;
    state_.minimisation += result.minimisation;
    state_.screened += result.screened;
    for (std::size_t seed = 0; seed < result.broken.size(); ++seed) {
      state_.broken[seed] += result.broken[seed] - before[seed];
    }
    for (const CorpusEntry& entry : result.corpus) {
      if (map.add(entry.features) > 0) {
        state_.corpus.push_back(entry);
      }
    }
  }
  merge_champions(results);
  add_deadly();
}

void FuzzRun::note_first_failure(const std::vector<IslandResult>& results) {
  if (state_.first_failure >= 0) {
    return;
  }
  for (const IslandResult& result : results) {
    const std::int64_t all = state_.evaluations + result.first_failure * std::ssize(results);
    if (result.first_failure >= 0 && (state_.first_failure < 0 || all < state_.first_failure)) {
      state_.first_failure = all;
    }
  }
}

void FuzzRun::add_deadly() {
  std::map<std::vector<std::uint8_t>, DeadlyInput> sorted;  // deaths come in no order
  for (const std::vector<DeadlyInput>* list : {&std::as_const(state_.deadly), &pool_->deadly()}) {
    for (const DeadlyInput& one : *list) {
      sorted.emplace(encode(one.input, space()), one);
    }
  }
  state_.deadly.clear();
  for (auto& [bytes, one] : sorted) {
    state_.deadly.push_back(std::move(one));
  }
}

void FuzzRun::merge_champions(const std::vector<IslandResult>& results) {
  std::map<std::int64_t, Champion> best;
  for (const Champion& one : state_.champions) {
    best.emplace(one.input.seed, one);
  }
  for (const IslandResult& result : results) {
    for (const Champion& one : result.champions) {
      const auto [place, is_new] = best.try_emplace(one.input.seed, one);
      if (!is_new && one.slack < place->second.slack) {
        place->second = one;
      }
    }
  }
  state_.champions.clear();
  for (const auto& [seed, champion] : best) {
    state_.champions.push_back(champion);
  }
}

void FuzzRun::take_failures(const std::vector<IslandResult>& results) {
  std::vector<FuzzFailure> admitted;
  for (const IslandResult& result : results) {
    for (const FuzzFailure& failure : result.failures) {
      if (log_.offer(failure)) {
        admitted.push_back(failure);
      }
    }
  }
  file(admitted);
  state_.admitted.insert(state_.admitted.end(), admitted.begin(), admitted.end());
}

void FuzzRun::file(const std::vector<FuzzFailure>& admitted) {
  const FuzzProvenance provenance{plan_, seeds_, setup_.oracles, setup_.line, setup_.classes};
  const auto dies = [this](const FuzzInput& input) { return pool_->dies(input); };
  std::vector<NewFinding> findings;
  for (VerifiedFailure& one : verify_failures(admitted, scene_.task(), provenance, setup_.target, dies)) {
    state_.accepted += one.judgement == Judgement::kAccepted ? 1 : 0;
    state_.near_ties += one.judgement == Judgement::kNearTie ? 1 : 0;
    state_.rejected += one.judgement == Judgement::kRejected ? 1 : 0;
    if (one.judgement != Judgement::kAccepted) {
      continue;
    }
    (void)insert_sorted(state_.verified_seeds, one.failure.screened.input.seed);
    if (insert_sorted(state_.clusters, signature_of(one.finding.finding.failure, one.finding.discovery))) {
      newest_ = Clock::now();
    }
    findings.push_back(std::move(one.finding));
  }
  if (setup_.corpus != nullptr) {
    const Filed filed = setup_.corpus->file(findings);
    state_.added += filed.added;
    state_.known += filed.known;
  }
}

void FuzzRun::tell(const PoolProgress& now) const {
  if (setup_.progress) {
    setup_.progress({.evaluations = state_.evaluations + now.evaluations,
                     .seconds = seconds(),
                     .seeds_broken = std::max<std::int64_t>(std::ssize(state_.verified_seeds), now.broken),
                     .clusters = state_.clusters.size(),
                     .corpus = std::max<std::int64_t>(std::ssize(state_.corpus), now.corpus),
                     .features = now.features,
                     .since_new = seconds_since(newest_)});
  }
}

}  // namespace faultline
