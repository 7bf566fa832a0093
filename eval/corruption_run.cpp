#include "faultline/eval/corruption_run.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <numeric>

#include "faultline/core/error.h"
#include "faultline/core/rng.h"
#include "faultline/core/verifier.h"
#include "faultline/data/array.h"
#include "faultline/eval/runner.h"
#include "faultline/statistics/bootstrap.h"

namespace faultline {

namespace {

/// Some samples under one corruption at one severity, and each for itself.
struct Judged {
  CorruptionCell cell{};
  std::vector<Prediction> rows{};
};

Judged judge(ScoreTarget& target, const Tensor& inputs, const Tensor& labels) {
  Judged judged;
  CorruptionCell& cell = judged.cell;
  for (const Answer& answer : ask(target, inputs, labels, ThreatModel{})) {
    const bool right = answer.finite && answer.margin >= -answer.tau;
    ++cell.samples;
    cell.right += right ? 1 : 0;
    cell.near_ties += answer.finite && std::abs(answer.margin) <= answer.tau ? 1 : 0;
    cell.not_finite += answer.finite ? 0 : 1;
    const double confidence = answer.finite ? answer.confidence : 1;
    cell.calibration.add(confidence, right);
    judged.rows.push_back({confidence, right});
  }
  return judged;
}

void add(CorruptionCell& total, const CorruptionCell& part) {
  total.samples += part.samples;
  total.right += part.right;
  total.near_ties += part.near_ties;
  total.not_finite += part.not_finite;
  total.calibration.add(part.calibration);
}

/// One measurement in progress. A task is one batch of samples under one corruption (or clean); all sums are of whole
/// numbers, so that the order in which tasks finish cannot be seen.
class Measurement {
 public:
  Measurement(const CorruptionProfile& profile, const CorruptionSetup& setup)
      : profile_(profile), setup_(setup), chunks_(chunks_of(setup.first, setup.count, setup.batch)) {
    for (const Corruption& corruption : profile.corruptions) {
      mutators_.push_back(&setup.mutators.at(corruption.mutator));
      result_.rows.push_back({.corruption = corruption});
    }
    for (int worker = 0; worker < setup.workers; ++worker) {
      targets_.push_back(std::make_unique<TargetStack>(setup.make_target));
    }
    result_.clean_predictions.resize(static_cast<std::size_t>(setup.count));
    result_.right_cells.resize(static_cast<std::size_t>(setup.count));
  }

  CorruptionResult run() {
    const auto begin = std::chrono::steady_clock::now();
    progress_.total = setup_.count * static_cast<std::int64_t>(1 + profile_.corruptions.size() * kSeverities);
    std::vector<Chunk> numbers;
    for (std::size_t task = 0; task < chunks_.size() * kinds(); ++task) {
      numbers.push_back({static_cast<std::int64_t>(task), 1});
    }
    run_chunks(numbers, setup_.workers, setup_.stop, [&](int worker, const Chunk& number) {
      work(*targets_[static_cast<std::size_t>(worker)], static_cast<std::size_t>(number.first));
    });
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    result_.interrupted = progress_.done < progress_.total;
    return std::move(result_);
  }

 private:
  using Cells = std::array<Judged, kSeverities>;

  [[nodiscard]] std::size_t kinds() const { return profile_.corruptions.size() + 1; }

  void work(TargetStack& target, std::size_t task) {
    const Chunk& chunk = chunks_[task / kinds()];
    const std::size_t kind = task % kinds();
    const Batch batch = read_batch(setup_.data, chunk.first, chunk.count, setup_.bounds);
    const Tensor labels = batch.labels.to(setup_.device);
    Cells cells;
    if (kind == 0) {
      cells.front() = judge(target.padded(), batch.inputs.to(setup_.device), labels);
    } else {
      for (std::size_t i = 0; i < cells.size() && !setup_.stop; ++i) {
        const Tensor inputs = corrupted(chunk, batch, kind - 1, i);
        cells.at(i) = judge(target.padded(), inputs.to(setup_.device), labels);
      }
    }
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const CorruptionCell& cell = cells.at(i).cell;
      add(kind == 0 ? result_.clean : result_.rows[kind - 1].cells.at(i), cell);
      note_rows(chunk, kind, cells.at(i).rows);
      progress_.done += cell.samples;
      progress_.errors += cell.samples - cell.right;
    }
    if (setup_.progress) {
      setup_.progress(progress_);
    }
  }

  void note_rows(const Chunk& chunk, std::size_t kind, const std::vector<Prediction>& rows) {
    const auto first = static_cast<std::size_t>(chunk.first - setup_.first);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (kind == 0) {
        result_.clean_predictions[first + i] = rows[i];
      } else if (!profile_.corruptions[kind - 1].extra) {
        result_.right_cells[first + i] += rows[i].right ? 1 : 0;
      }
    }
  }

  /// The chunk's samples under a corruption at a place in its severities, on the host.
  [[nodiscard]] Tensor corrupted(const Chunk& chunk, const Batch& batch, std::size_t number,
                                 std::size_t severity) const {
    if (setup_.stored != nullptr) {
      return read_batch(*setup_.stored->cells[number].at(severity), chunk.first, chunk.count, setup_.bounds).inputs;
    }
    const Corruption& corruption = profile_.corruptions[number];
    const Rng rng = Rng(setup_.seed).derived("corruption " + corruption.name);
    std::vector<Tensor> rows;
    for (std::int64_t i = 0; i < batch.size(); ++i) {
      Draws draws(rng.word(batch.ids[static_cast<std::size_t>(i)], {}));
      rows.push_back(
          rendered(*mutators_[number], corruption.severities.at(severity), batch.inputs[i], setup_.bounds, draws));
    }
    return at::stack(rows);
  }

  const CorruptionProfile& profile_;
  const CorruptionSetup& setup_;
  std::vector<Chunk> chunks_;
  std::vector<const MutatorRegistry::Entry*> mutators_;  // one per corruption
  std::vector<std::unique_ptr<TargetStack>> targets_;    // one per worker
  std::mutex mutex_;                                     // guards what follows
  CorruptionResult result_;
  Progress progress_;
};

/// The mean of figure(row) over the corruptions that count; 0 without any.
template <typename Figure>
double mean_of_counted(const std::vector<CorruptionRow>& rows, const Figure& figure) {
  double sum = 0;
  int counted = 0;
  for (const CorruptionRow& row : rows) {
    if (!row.corruption.extra) {
      sum += figure(row);
      ++counted;
    }
  }
  return counted == 0 ? 0 : sum / counted;
}

}  // namespace

double CorruptionRow::mean_error() const {
  const auto add_error = [](double sum, const CorruptionCell& cell) { return sum + cell.error(); };
  return std::accumulate(cells.begin(), cells.end(), 0.0, add_error) / kSeverities;
}

Interval CorruptionResult::mean_accuracy() const {
  const auto counted = std::ranges::count_if(rows, [](const CorruptionRow& row) { return !row.corruption.extra; });
  std::vector<double> shares;
  for (const std::int64_t right : right_cells) {
    shares.push_back(counted == 0 ? 1 : static_cast<double>(right) / static_cast<double>(counted * kSeverities));
  }
  return mean_of_clusters(shares);
}

double CorruptionResult::mean_corruption_error() const {
  return mean_of_counted(rows, [](const CorruptionRow& row) { return row.mean_error(); });
}

double CorruptionResult::mean_calibration_error(int severity) const {
  const auto place = static_cast<std::size_t>(severity - 1);
  return mean_of_counted(rows, [&](const CorruptionRow& row) { return row.cells.at(place).calibration.error(); });
}

CorruptionResult measure_corruptions(const CorruptionProfile& profile, const CorruptionSetup& setup) {
  if (setup.data.sample_shape().size() != 3) {
    throw Error{ErrorCode::kUsage,
                "corruptions are of images [C, H, W], but the samples are " + shape_text(setup.data.sample_shape())};
  }
  return Measurement(profile, setup).run();
}

}  // namespace faultline
