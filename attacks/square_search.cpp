#include "faultline/attacks/square_search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "faultline/attacks/square_moves.h"
#include "faultline/core/active_set.h"
#include "faultline/core/best_points.h"
#include "faultline/core/projection.h"

namespace faultline {

namespace {

/// The share of the area that windows of a query cover: halved after each of these queries of 10,000.
double share_at(int query, const SquareSetting& setting) {
  constexpr std::array<int, 9> kHalvings{10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};
  constexpr double kScheduled = 10'000;
  const double scale = setting.variant == Variant::kOwn ? kScheduled / setting.queries : 1;
  const int now = static_cast<int>(query * scale);
  return setting.first_share / std::exp2(std::ranges::count_if(kHalvings, [now](int end) { return now > end; }));
}

ThreatModel on_host(const ThreatModel& threat) {
  ThreatModel host = threat;
  host.epsilon = threat.epsilon.cpu();
  host.targets = threat.targeted() ? threat.targets.cpu() : Tensor();
  return host;
}

/// The search over a batch, on the host; of the device only the model is asked.
template <typename Moves>
class SquareSearch {
 public:
  SquareSearch(const Batch& batch, const ThreatModel& threat, const SquareSetting& setting, const Rng& rng)
      : batch_(batch),
        setting_(setting),
        rng_(rng),
        feasible_(batch.inputs.cpu().contiguous(), on_host(threat)),
        active_(batch.size()) {}

  void run(ScoreTarget& target, Moves moves, BestPoints& best) {
    begin(moves);
    for (int query = 0; query <= setting_.queries; ++query) {
      const Tensor asked = trial_.to(batch_.inputs.device());
      const Tensor done = best.offer(active_.rows(), asked, target.logits(asked));
      keep(best.replaced());
      if (active_.retire(done)) {
        active_.compact(point_);
        feasible_.compact(active_);
      }
      if (active_.empty()) {
        return;
      }
      if (query == setting_.queries) {
        break;
      }
      trial_ = point_.clone();
      moves.prepare({share_at(query, setting_), setting_.reach()});
      change(static_cast<std::uint32_t>(query) + 1, [&](auto... given) { moves.move(given...); });
    }
    if (setting_.variant == Variant::kPublished) {
      (void)target.logits(point_.to(batch_.inputs.device()));  // it asks about its result once more
    }
  }

 private:
  void begin(Moves& moves) {
    trial_ = batch_.starts.defined() ? batch_.starts.to(at::kCPU, at::kFloat).contiguous().clone()
                                     : feasible_.clean().clone();
    if (batch_.starts.defined()) {
      feasible_.project_(trial_);
    } else {
      change(0, [&](auto... given) { moves.start(given...); });
    }
    point_ = trial_.clone();
  }

  /// Calls make(row of trial_, its clean input, its epsilon, its draws) for each row.
  template <typename Make>
  void change(std::uint32_t step, Make&& make) {
    const std::int64_t* rows = active_.rows().template const_data_ptr<std::int64_t>();
    const double* epsilon = feasible_.threat().epsilon.template const_data_ptr<double>();
    const auto width = static_cast<std::size_t>(trial_.numel() / active_.size());
    float* trial = trial_.template mutable_data_ptr<float>();
    const float* clean = feasible_.clean().template const_data_ptr<float>();
    for (std::int64_t i = 0; i < active_.size(); ++i, trial += width, clean += width) {
      Draws draws(rng_.word(batch_.ids[static_cast<std::size_t>(rows[i])], {.step = step}));
      make(Row(trial, width), Values(clean, width), epsilon[i], draws);
    }
    feasible_.project_(trial_);
  }

  /// Takes over the trials that were better.
  void keep(const std::vector<std::int64_t>& better) {
    const std::size_t bytes = trial_.nbytes() / static_cast<std::size_t>(trial_.size(0));
    for (const std::int64_t row : better) {
      const std::size_t at = static_cast<std::size_t>(row) * bytes;
      std::memcpy(static_cast<std::byte*>(point_.mutable_data_ptr()) + at,
                  static_cast<const std::byte*>(trial_.const_data_ptr()) + at, bytes);
    }
  }

  const Batch& batch_;
  const SquareSetting& setting_;
  const Rng& rng_;
  FeasibleSet feasible_;
  ActiveSet active_;
  Tensor point_;  // [N, ...] the best of each active row
  Tensor trial_;  // [N, ...] a window of it changed
};

}  // namespace

AttackResult square_search(ScoreTarget& target, const Batch& batch, const ThreatModel& threat,
                           const SquareSetting& setting, const Rng& rng) {
  BestPoints best(batch, threat);
  const Grid grid = grid_of(batch.inputs);
  if (threat.norm == Norm::kLinf) {
    SquareSearch<CornerMoves>(batch, threat, setting, rng).run(target, CornerMoves(grid), best);
  } else {
    SquareSearch<MassMoves>(batch, threat, setting, rng).run(target, MassMoves(grid, threat.norm), best);
  }
  return std::move(best).result();
}

Tensor searched_start(ScoreTarget& target, const Batch& batch, const ThreatModel& threat, int queries, const Rng& rng,
                      int restart) {
  Batch fresh = batch;
  fresh.starts = Tensor();
  return square_search(target, fresh, threat, {.queries = queries},
                       rng.derived("searched start", static_cast<std::uint64_t>(restart)))
      .candidates;
}

}  // namespace faultline
