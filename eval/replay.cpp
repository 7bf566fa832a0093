#include "faultline/eval/replay.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>

#include <ATen/Parallel.h>

#include "faultline/core/error.h"
#include "faultline/core/verifier.h"
#include "faultline/data/array.h"
#include "faultline/eval/attack_chunk.h"
#include "faultline/eval/evidence.h"
#include "faultline/eval/finding_batch.h"
#include "faultline/eval/finding_fit.h"
#include "faultline/eval/outside_finding.h"
#include "faultline/eval/row_judge.h"
#include "faultline/eval/runner.h"

namespace faultline {

namespace {

constexpr std::int64_t kNumbersInBatch = 400'000;
constexpr std::int64_t kLargestBatch = 500;
constexpr std::size_t kBatchesInBlock = 8;  // at least; tensors of that many batches are in memory

/// A finding on its way through the replay.
struct Item {
  StoredFinding stored{};
  ReplayRow row{};
  Answer clean{};
  Answer witness{};
  std::vector<Answer> clean_looks{};
  std::vector<Answer> witness_looks{};
  bool doubtful = false;
  bool incompatible = false;

  /// Whether it is run in a process of its own: what is judged is how that ends.
  [[nodiscard]] bool in_child() const { return is_run_outside(stored.finding.failure.oracle); }
};

using Items = std::vector<Item*>;

bool passes(const Answer& answer) { return answer.finite && answer.margin > answer.tau; }

bool is_near(const Answer& answer) { return std::abs(answer.margin) <= kSmallMargin * answer.tau; }

const Finding& finding_of(const Item* item) { return item->stored.finding; }

std::vector<const Finding*> findings_of(const Items& items) {
  std::vector<const Finding*> findings;
  for (const Item* item : items) {
    findings.push_back(&item->stored.finding);
  }
  return findings;
}

Items part_of(const Items& items, std::size_t begin, std::size_t count) {
  const auto first = items.begin() + static_cast<std::ptrdiff_t>(begin);
  return {first, first + static_cast<std::ptrdiff_t>(std::min(count, items.size() - begin))};
}

/// How a look is taken.
struct Looking {
  ScoreTarget& target;
  AskedModels& models;
  const std::vector<ConfiguredOracle>& oracle;  ///< Of the findings; none: misclassification.
  c10::Device device;
};

/// One look at clean inputs and witnesses of findings of one kind. A witness of a targeted search fails as long as it
/// is not taken for its label: another wrong class than the one aimed at mends nothing.
void look(const Looking& how, const Items& items,
          const std::function<void(Item&, Answer clean, Answer witness)>& record) {
  const std::vector<const Finding*> findings = findings_of(items);
  const Batch batch = batch_of(findings, how.device);
  const RowJudge judge(how.oracle, batch, ThreatModel{}, how.target, how.models);
  const Tensor rows = at::arange(batch.size(), at::kLong);
  const std::vector<Answer> clean = ask(how.target, batch.inputs, judge.get(), rows);
  const std::vector<Answer> witness = ask(how.target, batch.starts, judge.get(), rows);
  for (std::size_t i = 0; i < items.size(); ++i) {
    record(*items[i], clean[i], witness[i]);
  }
}

/// The looks that confirm: in batches of the floor size, and alone.
void confirm(TargetStack& target, ModelFit& fit, const Items& doubtful, c10::Device device) {
  const auto record = [](Item& item, Answer clean, Answer witness) {
    item.clean_looks.push_back(std::move(clean));
    item.witness_looks.push_back(std::move(witness));
  };
  for (const auto& [kind, items] : grouped(doubtful, finding_of)) {
    const std::vector<ConfiguredOracle>& oracle = fit.oracle(kind.oracle);
    for (std::size_t begin = 0; begin < items.size(); begin += kFloorBatch) {
      look({target.padded_for(oracle), target, oracle, device}, part_of(items, begin, kFloorBatch), record);
    }
    if (!oracle.empty() && oracle.front().info.compares_batches) {
      continue;  // alone it would be compared with itself
    }
    for (Item* item : items) {
      look({target.plain_for(oracle), target, oracle, device}, {item}, record);
    }
  }
}

Observation observation_of(const Item& item) {
  Observation now{.prediction = item.witness.prediction};
  std::vector<Answer> witness = item.witness_looks;
  witness.push_back(item.witness);
  std::vector<Answer> clean = item.clean_looks;
  clean.push_back(item.clean);
  // A near tie counts as right, and so does what only some looks call wrong.
  now.clean_right = !std::ranges::all_of(clean, fails);
  if (std::ranges::all_of(witness, fails)) {
    now.witness = Observation::Witness::kFails;
  } else {
    now.witness = std::ranges::all_of(witness, passes) ? Observation::Witness::kPasses : Observation::Witness::kMixed;
  }
  return now;
}

/// Whether one look is enough: nothing has changed, and nothing is near a tie.
bool is_settled(const Item& item, ReplayVerdict verdict) {
  const bool unchanged = verdict == ReplayVerdict::kStillFailing || verdict == ReplayVerdict::kAccepted ||
                         verdict == ReplayVerdict::kPassing || verdict == ReplayVerdict::kStillInvalid;
  // What was flaky or never judged may get one of these verdicts too, and another state with it.
  return unchanged && !event_of(item.row.id, item.row.prior, verdict, item.witness.prediction) &&
         !is_near(item.witness) && !is_near(item.clean);
}

class Replay {
 public:
  Replay(const Corpus& corpus, const ReplaySetup& setup)
      : corpus_(corpus),
        setup_(setup),
        day_(today()),
        rng_(Rng(setup.seed).derived("strengthen")),
        fit_(setup.device, setup.oracles) {
    for (int worker = 0; worker < setup.workers; ++worker) {
      targets_.push_back(std::make_unique<TargetStack>(setup.make_target, setup.compared));
    }
  }

  ReplayResult run() {
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<std::string> ids = setup_.only.empty() ? corpus_.ids() : setup_.only;
    const std::vector<ParsedEvents> events = corpus_.events(damaged());
    result_.lines = lines_of(events);
    states_ = States(events, setup_.line);
    progress_.total = static_cast<std::int64_t>(ids.size());
    report();
    std::size_t next = 0;
    while (next < ids.size() && !setup_.stop) {
      const auto batch = static_cast<std::size_t>(batch_size(ids, next));
      const std::size_t batches = std::max(kBatchesInBlock, 2 * static_cast<std::size_t>(setup_.workers));
      const std::size_t count = std::min(batch * batches, ids.size() - next);
      block(std::span(ids).subspan(next, count), batch);
      next += count;
    }
    // The attacks nearby finish in any order.
    std::ranges::sort(result_.strengthened, {}, [](const NewFinding& found) { return found.finding.id; });
    result_.interrupted = setup_.stop;
    refuse_misfits();
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return std::move(result_);
  }

 private:
  /// As --batch says, or by the size of the next input that can be read.
  std::int64_t batch_size(const std::vector<std::string>& ids, std::size_t next) const {
    if (setup_.batch > 0) {
      return setup_.batch;
    }
    const auto ignore = [](const std::string&) {};
    for (; next < ids.size(); ++next) {
      try {
        if (const std::optional<StoredFacts> facts = corpus_.facts(ids[next], ignore)) {
          const std::uint64_t elements = byte_count(facts->failure.shape, 1).value_or(1);
          return std::clamp(static_cast<std::int64_t>(kNumbersInBatch / std::max<std::uint64_t>(1, elements)),
                            kFloorBatch, kLargestBatch);
        }
      } catch (const Error&) {
        continue;  // reported where it is loaded
      }
    }
    return kFloorBatch;
  }

  DamageObserver damaged() {
    return [this](const std::string& message) {
      const std::lock_guard lock(mutex_);
      ++result_.damaged;
      setup_.damaged(message);
    };
  }

  /// One block of ids: loaded and looked at in batches by all workers, confirmed, judged.
  void block(std::span<const std::string> ids, std::size_t batch) {
    std::vector<std::optional<Item>> slots(ids.size());
    const auto chunks = chunks_of(0, static_cast<std::int64_t>(ids.size()), static_cast<std::int64_t>(batch));
    run_chunks(chunks, setup_.workers, setup_.stop, [&](int worker, const Chunk& chunk) {
      Items items;
      for (std::int64_t i = chunk.first; i < chunk.first + chunk.count; ++i) {
        std::optional<Item>& slot = slots[static_cast<std::size_t>(i)];
        slot = load(ids[static_cast<std::size_t>(i)]);
        if (slot) {
          items.push_back(&*slot);
        }
      }
      first_look(*targets_[static_cast<std::size_t>(worker)], items);
    });
    if (setup_.stop) {
      return;
    }
    Items items;
    for (std::optional<Item>& slot : slots) {
      if (slot) {
        items.push_back(&*slot);
      }
    }
    for (Item* item : items) {
      if (item->in_child() && !item->incompatible) {
        look_from_outside(*item);
      }
    }
    second_looks(items);
    strengthen(items, static_cast<std::int64_t>(batch));
    for (Item* item : items) {
      for (const Discovery& discovery : item->stored.discoveries) {
        result_.lines.insert(discovery.line);
      }
      result_.other_preprocessing += is_foreign(item->stored.discoveries) ? 1 : 0;
      progress_.errors += item->incompatible || passes(item->witness) ? 0 : 1;
      result_.rows.push_back(std::move(item->row));
    }
    progress_.done += static_cast<std::int64_t>(ids.size());
    report();
  }

  /// Whether all who found it put something else around their model.
  [[nodiscard]] bool is_foreign(const std::vector<Discovery>& discoveries) const {
    return !discoveries.empty() &&
           std::ranges::find(discoveries, setup_.preprocessing, &Discovery::preprocessing) == discoveries.end();
  }

  void report() const {
    if (setup_.progress) {
      setup_.progress(progress_);
    }
  }

  std::optional<Item> load(const std::string& id) {
    std::optional<StoredFinding> stored = corpus_.load_sound(id, damaged());
    if (!stored) {
      return std::nullopt;
    }
    Item item{.stored = std::move(*stored)};
    const Failure& failure = item.stored.finding.failure;
    item.row = {.id = id,
                .oracle = failure.oracle,
                .label = failure.label,
                .target = failure.target,
                .budget = failure.budget,
                .prior = prior_of(id, item.stored.discoveries, states_, setup_.line)};
    if (!item.stored.discoveries.empty()) {
      item.row.attack = first_of(item.stored.discoveries).attack;
    }
    if (!item.stored.finding.has_tensors()) {
      make_tensors(item);
    }
    return item;
  }

  /// Of a finding that is stored as a recipe.
  void make_tensors(Item& item) const {
    if (setup_.recipes == nullptr) {
      item.row.why = kGiveData;
      item.incompatible = true;
      return;
    }
    RecipeMade made = setup_.recipes->make(item.stored);
    item.row.why = std::move(made.why);
    item.incompatible = made.end != RecipeEnd::kMade;
    if (made.end == RecipeEnd::kNotReproducible) {
      item.row.verdict = ReplayVerdict::kNotReproducible;
    }
  }

  /// What cannot be asked of this model after all (a class it lacks, an input it throws on) spoils no other finding.
  void look_or_say_why(const Looking& how, const Items& items) {
    try {
      look(how, items, [](Item& item, Answer clean, Answer witness) {
        item.clean = std::move(clean);
        item.witness = std::move(witness);
      });
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kUsage) {
        throw;
      }
      if (items.size() == 1) {
        items.front()->row.why = error.what();
        items.front()->incompatible = true;
        return;
      }
      for (Item* item : items) {
        look_or_say_why(how, {item});
      }
    }
  }

  /// The look at a finding that may end the process.
  void look_from_outside(Item& item) {
    const OutsideVerdict now = look_at_outside(item.stored.finding, *targets_.front(), setup_.device, setup_.child);
    item.row.why = now.why;
    item.incompatible = !now.why.empty();
    if (item.incompatible) {
      return;
    }
    const auto answer = [](bool failing) { return Answer{.margin = failing ? -1.0 : 1.0, .finite = true}; };
    item.clean = answer(now.clean_fails);
    item.witness = answer(now.witness_fails);
    item.row.verdict = judge(item.row.prior, observation_of(item), day_);
  }

  void first_look(TargetStack& target, const Items& given) {
    Items items;
    std::ranges::copy_if(given, std::back_inserter(items),
                         [](const Item* item) { return !item->in_child() && !item->incompatible; });
    for (const auto& [kind, all] : grouped(items, finding_of)) {
      Items fitting;
      for (Item* item : all) {
        item->row.why = fit_.misfit(target, item->stored);
        item->incompatible = !item->row.why.empty();
        if (!item->incompatible) {
          fitting.push_back(item);
        }
      }
      if (fitting.empty()) {
        continue;
      }
      const std::vector<ConfiguredOracle>& oracle = fit_.oracle(kind.oracle);
      look_or_say_why({target.padded_for(oracle), target, oracle, setup_.device}, fitting);
    }
    for (Item* item : items) {
      if (!item->incompatible) {
        item->row.verdict = judge(item->row.prior, observation_of(*item), day_);
        item->doubtful = !is_settled(*item, item->row.verdict);
      }
    }
  }

  void second_looks(const Items& items) {
    Items doubtful;
    std::ranges::copy_if(items, std::back_inserter(doubtful), [](const Item* item) { return item->doubtful; });
    if (!doubtful.empty()) {
      const auto chunks = chunks_of(0, static_cast<std::int64_t>(doubtful.size()), kFloorBatch);
      run_chunks(chunks, setup_.workers, setup_.stop, [&](int worker, const Chunk& chunk) {
        confirm(*targets_[static_cast<std::size_t>(worker)], fit_,
                part_of(doubtful, static_cast<std::size_t>(chunk.first), static_cast<std::size_t>(chunk.count)),
                setup_.device);
      });
      const int threads = at::get_num_threads();
      at::set_num_threads(2);
      confirm(*targets_.front(), fit_, doubtful, setup_.device);
      at::set_num_threads(threads);
    }
    for (Item* item : items) {
      if (item->incompatible) {
        continue;
      }
      const Observation now = observation_of(*item);
      ReplayRow& row = item->row;
      row.verdict = judge(row.prior, now, day_);
      row.clean_prediction = item->clean.prediction;
      row.prediction = item->witness.prediction;
      row.margin = item->witness.margin;
      row.confidence = item->witness.confidence;
    }
  }

  /// A short attack from every witness that passes now, inside the same budget.
  void strengthen(const Items& items, std::int64_t batch) {
    if (!setup_.strengthen) {
      return;
    }
    Items passing;
    std::ranges::copy_if(items, std::back_inserter(passing), [](const Item* item) {
      return item->row.verdict == ReplayVerdict::kFixed || item->row.verdict == ReplayVerdict::kPassing;
    });
    for (const auto& [kind, group] : grouped(passing, finding_of)) {
      if (!can_attack(*setup_.strengthen, kind)) {
        result_.not_strengthened += static_cast<std::int64_t>(group.size());
        continue;
      }
      const Items& attacked = group;
      const auto chunks = chunks_of(0, static_cast<std::int64_t>(attacked.size()), batch);
      run_chunks(chunks, setup_.workers, setup_.stop, [&](int worker, const Chunk& chunk) {
        attack_nearby(*targets_[static_cast<std::size_t>(worker)],
                      part_of(attacked, static_cast<std::size_t>(chunk.first), static_cast<std::size_t>(chunk.count)));
      });
    }
  }

  void attack_nearby(TargetStack& target, const Items& items) {
    const std::vector<const Finding*> findings = findings_of(items);
    AttackCost cost;
    const Attempt tried = attempt(target, *setup_.strengthen, batch_of(findings, setup_.device),
                                  threat_of(findings, setup_.device), rng_, cost);
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (tried.outcomes[i] != Outcome::kFound) {
        continue;
      }
      items[i]->row.verdict = ReplayVerdict::kFixedAtThePoint;
      const FollowUp search{.line = setup_.line,
                            .model = setup_.model,
                            .preprocessing = setup_.preprocessing,
                            .classes = fit_.classes(items[i]->stored.finding.failure.shape),
                            .attack = setup_.strengthen->info.name,
                            .options = values_of(setup_.strengthen->options),
                            .seed = setup_.seed};
      result_.strengthened.push_back(follow_up(items[i]->stored, search,
                                               tried.result.candidates[static_cast<std::int64_t>(i)], items[i]->clean,
                                               tried.verdicts[i]));
    }
  }

  void refuse_misfits() const {
    const auto is_misfit = [](const ReplayRow& row) { return row.verdict == ReplayVerdict::kIncompatible; };
    if (!result_.rows.empty() && std::ranges::all_of(result_.rows, is_misfit)) {
      throw Error{ErrorCode::kUsage, "none of the " + std::to_string(result_.rows.size()) +
                                         " findings can be replayed on this model: " + result_.rows.front().why};
    }
  }

  const Corpus& corpus_;
  const ReplaySetup& setup_;
  std::string day_;
  Rng rng_;
  std::vector<std::unique_ptr<TargetStack>> targets_;  // one per worker
  States states_;
  ModelFit fit_;
  std::mutex mutex_;  // guards what follows
  Progress progress_;
  ReplayResult result_;
};

}  // namespace

ReplayResult replay(const Corpus& corpus, const ReplaySetup& setup) { return Replay(corpus, setup).run(); }

EventFile events_of(const ReplayResult& result, const std::string& line, const std::string& model) {
  EventFile file{.kind = "replay", .line = line, .model = model, .faultline = version(), .date = today()};
  for (const auto& [verdict, count] : counts_of(result)) {
    file.verdicts[name_of(verdict)] = count;
  }
  for (const ReplayRow& row : result.rows) {
    if (std::optional<StateEvent> event = event_of(row.id, row.prior, row.verdict, row.prediction)) {
      file.events.push_back(std::move(*event));
    }
  }
  return file;
}

std::vector<std::pair<ReplayVerdict, std::int64_t>> counts_of(const ReplayResult& result) {
  std::vector<std::pair<ReplayVerdict, std::int64_t>> counts;
  for (const ReplayVerdict verdict : all_verdicts()) {
    const auto count = std::ranges::count(result.rows, verdict, &ReplayRow::verdict);
    if (count > 0) {
      counts.emplace_back(verdict, count);
    }
  }
  return counts;
}

}  // namespace faultline
