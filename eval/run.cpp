#include "faultline/eval/run.h"

#include <chrono>
#include <map>
#include <mutex>

#include "faultline/core/error.h"
#include "faultline/eval/chunk_cost.h"
#include "faultline/eval/curve_chunk.h"
#include "faultline/eval/recipe_json.h"
#include "faultline/eval/transform_curve.h"
#include "faultline/eval/witness.h"

namespace faultline {

namespace {

void add(std::vector<AttackCost>& totals, const std::vector<AttackCost>& costs) {
  for (std::size_t i = 0; i < totals.size(); ++i) {
    totals[i].meter.forwards += costs[i].meter.forwards;
    totals[i].meter.backwards += costs[i].meter.backwards;
    totals[i].meter.not_finite += costs[i].meter.not_finite;
    totals[i].seconds += costs[i].seconds;
  }
}

/// Whether every sample of a chunk is there: a chunk with a torn line runs again, and costs again.
bool holds(const std::map<std::int64_t, SampleRow>& rows, const Chunk& chunk) {
  const auto begin = rows.lower_bound(chunk.first);
  return std::distance(begin, rows.lower_bound(chunk.first + chunk.count)) == chunk.count;
}

/// The costs of chunks that a resumed run keeps: the last line of each chunk whose samples are all there.
std::vector<AttackCost> earlier_costs(const std::vector<std::string>& lines,
                                      const std::map<std::int64_t, SampleRow>& rows, std::size_t attacks) {
  std::map<std::int64_t, std::vector<AttackCost>> by_chunk;
  for (const std::string& line : lines) {
    std::optional<ChunkCost> cost = cost_from_line(line);
    if (cost && cost->attacks.size() == attacks && holds(rows, cost->chunk)) {
      by_chunk[cost->chunk.first] = std::move(cost->attacks);
    }
  }
  std::vector<AttackCost> totals(attacks);
  for (const auto& [first, costs] : by_chunk) {
    add(totals, costs);
  }
  return totals;
}

bool is_error(const SampleRow& row) {
  return row.status == SampleRow::Status::kCleanError || row.status == SampleRow::Status::kFound;
}

/// One run in progress. The mutex guards everything that chunks change.
class Execution {
 public:
  Execution(const Plan& plan, const RunSetup& setup)
      : plan_(plan), setup_(setup), groups_(setup.data.groups()), costs_(setup.attacks.size()) {
    if (setup.directory != nullptr) {
      for (const std::string& line : setup.directory->sample_lines()) {
        const SampleRow row = from_line(line);
        if (row.id.index < plan.data.offset || row.id.index >= plan.data.offset + plan.data.samples) {
          throw Error{ErrorCode::kUsage, "--resume: samples.jsonl holds sample " + std::to_string(row.id.index) +
                                             ", which is not part of this run"};
        }
        rows_.emplace(row.id.index, row);
      }
      costs_ = earlier_costs(setup.directory->cost_lines(), rows_, setup.attacks.size());
    }
    progress_ = {.total = plan.data.samples, .resumed = static_cast<std::int64_t>(rows_.size())};
    progress_.errors = std::ranges::count_if(rows_, [](const auto& entry) { return is_error(entry.second); });
  }

  RunResult run() {
    const auto begin = std::chrono::steady_clock::now();
    report();
    std::vector<std::unique_ptr<TargetStack>> targets;
    for (int worker = 0; worker < setup_.workers; ++worker) {
      targets.push_back(std::make_unique<TargetStack>(setup_.make_target, setup_.compared));
    }
    run_chunks(open_chunks(), setup_.workers, setup_.stop, [&](int worker, const Chunk& chunk) {
      const ChunkResult result = search(*targets[static_cast<std::size_t>(worker)], chunk);
      if (setup_.finished) {
        setup_.finished(chunk, result);
      }
      finish(chunk, result);
    });
    RunResult result{.costs = costs_,
                     .seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
                     .interrupted = static_cast<std::int64_t>(rows_.size()) < plan_.data.samples};
    for (auto& [index, row] : rows_) {
      result.rows.push_back(std::move(row));
    }
    return result;
  }

 private:
  [[nodiscard]] std::vector<Chunk> open_chunks() const {
    std::vector<Chunk> open;
    for (const Chunk& chunk : chunks_of(plan_.data.offset, plan_.data.samples, setup_.batch)) {
      if (!holds(rows_, chunk)) {
        open.push_back(chunk);
      }
    }
    return open;
  }

  [[nodiscard]] ChunkResult search(TargetStack& target, const Chunk& chunk) const {
    Batch batch = read_batch(setup_.data, chunk.first, chunk.count, plan_.data.options.bounds);
    batch.inputs = batch.inputs.to(setup_.device);
    batch.labels = batch.labels.to(setup_.device);
    ChunkResult result = plan_.curve && plan_.curve->over
                             ? transform_curve_chunk(target, batch, plan_, setup_.attacks.front())
                         : plan_.curve ? curve_chunk(target, batch, plan_, setup_.attacks)
                                       : attack_chunk(target, batch, plan_, setup_.attacks);
    for (SampleRow& row : result.rows) {
      name_model(row.recipe, plan_.model.sha256);
      if (!groups_.empty()) {
        row.group = groups_[static_cast<std::size_t>(row.id.index)];
      }
    }
    return result;
  }

  void finish(const Chunk& chunk, const ChunkResult& result) {
    if (setup_.directory != nullptr) {
      write_witnesses(result, setup_.directory->witnesses());
    }
    const std::lock_guard lock(mutex_);
    std::vector<std::string> lines;
    for (const SampleRow& row : result.rows) {
      if (rows_.emplace(row.id.index, row).second) {
        lines.push_back(to_line(row));
        progress_.errors += is_error(row) ? 1 : 0;
      }
    }
    if (setup_.directory != nullptr) {
      setup_.directory->append(lines, to_line(ChunkCost{chunk, result.costs}));
    }
    add(costs_, result.costs);
    report();
  }

  void report() {
    progress_.done = static_cast<std::int64_t>(rows_.size());
    if (setup_.progress) {
      setup_.progress(progress_);
    }
  }

  const Plan& plan_;
  const RunSetup& setup_;
  std::vector<std::string> groups_;  // one per sample of the data, or none
  std::mutex mutex_;
  std::map<std::int64_t, SampleRow> rows_;
  std::vector<AttackCost> costs_;
  Progress progress_;
};

}  // namespace

RunResult execute(const Plan& plan, const RunSetup& setup) { return Execution(plan, setup).run(); }

}  // namespace faultline
