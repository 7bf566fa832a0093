#include "faultline/attacks/square.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "faultline/attacks/square_windows.h"
#include "faultline/core/active_set.h"
#include "faultline/core/best_points.h"
#include "faultline/core/projection.h"
#include "faultline/core/registry.h"

namespace faultline {

namespace {

using Row = std::span<float>;
using Values = std::span<const float>;

/// The share of the area that windows of a query cover: halved after each of these queries of 10,000.
double share_at(int query, const SquareOptions& options) {
  constexpr std::array<int, 9> kHalvings{10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000};
  constexpr double kScheduled = 10'000;
  const double scale = options.variant == Variant::kOwn ? kScheduled / options.queries : 1;
  const int now = static_cast<int>(query * scale);
  return options.first_share / std::exp2(std::ranges::count_if(kHalvings, [now](int end) { return now > end; }));
}

ThreatModel on_host(const ThreatModel& threat) {
  ThreatModel host = threat;
  host.epsilon = threat.epsilon.cpu();
  host.targets = threat.targeted() ? threat.targets.cpu() : Tensor();
  return host;
}

/// Points of Linf: each element at one end of its interval.
class CornerMoves {
 public:
  CornerMoves(const Grid& grid, const SquareOptions& options) : grid_(grid), options_(options) {}

  /// Vertical stripes.
  void start(Row point, Values clean, double epsilon, Draws& draws) const {
    for (int channel = 0; channel < grid_.channels; ++channel) {
      for (int column = 0; column < grid_.width; ++column) {
        set({.left = column, .height = grid_.height}, channel, point, clean, draws.sign() * epsilon);
      }
    }
  }

  void prepare(int query) { size_ = size_of_window(share_at(query, options_), grid_, {}); }

  void move(Row point, Values clean, double epsilon, Draws& draws) const {
    const Window window =
        place(size_, grid_, draws, options_.variant == Variant::kOwn ? Reach::kEverywhere : Reach::kPublished);
    for (int channel = 0; channel < grid_.channels; ++channel) {
      set(window, channel, point, clean, draws.sign() * epsilon);
    }
  }

 private:
  void set(const Window& window, int channel, Row point, Values clean, double step) const {
    const auto delta = static_cast<float>(step);
    window.for_each(grid_, channel, [&](std::size_t place, std::size_t) { point[place] = clean[place] + delta; });
  }

  Grid grid_;
  const SquareOptions& options_;
  Window size_{};
};

/// Points of L1 and L2: all of epsilon is spent, and moves from one window to a bump in another.
class MassMoves {
 public:
  MassMoves(const Grid& grid, Norm norm, const SquareOptions& options) : grid_(grid), norm_(norm), options_(options) {}

  /// Bumps side by side, five each way.
  void start(Row point, Values clean, double epsilon, Draws& draws) {
    constexpr int kTiles = 5;
    Window tile{.height = std::max(1, grid_.height / kTiles), .width = std::max(1, grid_.width / kTiles)};
    const std::array<std::vector<float>, 2> bumps = bumps_of(tile);
    const int rows = grid_.height / tile.height;
    const int columns = grid_.width / tile.width;
    std::vector<float> delta(clean.size(), 0.0F);
    for (int number = 0; number < rows * columns; ++number) {
      tile.top = (grid_.height - rows * tile.height) / 2 + number / columns * tile.height;
      tile.left = (grid_.width - columns * tile.width) / 2 + number % columns * tile.width;
      const std::vector<float>& bump = bumps[which(bumps, draws)];
      for (int channel = 0; channel < grid_.channels; ++channel) {
        const auto sign = static_cast<float>(draws.sign());
        tile.for_each(grid_, channel, [&](std::size_t place, std::size_t i) { delta[place] = sign * bump[i]; });
      }
    }
    spend(delta, point, clean, epsilon);
  }

  void prepare(int query) {
    size_ = size_of_window(share_at(query, options_), grid_, {.least = 3, .odd = true});
    bumps_ = bumps_of(size_);
  }

  void move(Row point, Values clean, double epsilon, Draws& draws) const {
    const Reach reach = options_.variant == Variant::kOwn ? Reach::kEverywhere : Reach::kPublished;
    const Window to = place(size_, grid_, draws, reach);
    const Window from = place(size_, grid_, draws, reach);
    const std::vector<float>& bump = bumps_[which(bumps_, draws)];
    std::vector<float> delta(clean.size());
    std::ranges::transform(point, clean, delta.begin(), std::minus<>());
    const double mass = mass_for_each_channel(delta, {from, to}, epsilon);
    std::vector<float> moved = delta;
    for (int channel = 0; channel < grid_.channels; ++channel) {
      from.for_each(grid_, channel, [&](std::size_t place, std::size_t) { moved[place] = 0; });
    }
    for (int channel = 0; channel < grid_.channels; ++channel) {
      fill(moved, to, channel, filling(delta, to, channel, bump, draws), mass);
    }
    spend(moved, point, clean, epsilon);
  }

 private:
  /// Divided by rows and by columns, as far as there is more than one of them.
  [[nodiscard]] std::array<std::vector<float>, 2> bumps_of(const Window& size) const {
    return {bump(size, norm_, /*upright=*/size.height > 1), bump(size, norm_, /*upright=*/size.width == 1)};
  }

  static std::size_t which(const std::array<std::vector<float>, 2>& bumps, Draws& draws) {
    return draws.below(static_cast<int>(bumps.size())) == 0 ? 0 : 1;
  }

  /// The part of epsilon that a channel of the new window gets: what both windows hold, and its share of what is
  /// unspent.
  [[nodiscard]] double mass_for_each_channel(Values delta, const std::array<Window, 2>& windows, double epsilon) const {
    std::vector<float> inside(delta.size(), 0.0F);
    for (const Window& window : windows) {
      for (int channel = 0; channel < grid_.channels; ++channel) {
        window.for_each(grid_, channel, [&](std::size_t place, std::size_t) { inside[place] = delta[place]; });
      }
    }
    const double held = length_of(inside, norm_);
    const double spent = length_of(delta, norm_);
    if (norm_ == Norm::kL1) {
      return std::max(epsilon - spent, 0.0) / grid_.channels + held;
    }
    return std::sqrt(std::max(epsilon * epsilon - spent * spent, 0.0) / grid_.channels + held * held);
  }

  /// The bump with a random sign on top of what the window holds already, both of length 1.
  std::vector<float> filling(Values delta, const Window& window, int channel, const std::vector<float>& bump,
                             Draws& draws) const {
    std::vector<float> held(bump.size());
    window.for_each(grid_, channel, [&](std::size_t place, std::size_t i) { held[i] = delta[place]; });
    const double length = length_of(held, norm_) + kNothing;
    const auto sign = static_cast<float>(draws.sign());
    for (std::size_t i = 0; i < held.size(); ++i) {
      held[i] = static_cast<float>(held[i] / length) + sign * bump[i];
    }
    return held;
  }

  void fill(Row delta, const Window& window, int channel, Values filling, double mass) const {
    const double scale = mass / (length_of(filling, norm_) + kNothing);
    window.for_each(grid_, channel,
                    [&](std::size_t place, std::size_t i) { delta[place] = static_cast<float>(filling[i] * scale); });
  }

  /// The point at distance epsilon along delta.
  void spend(Values delta, Row point, Values clean, double epsilon) const {
    const double scale = epsilon / (length_of(delta, norm_) + kNothing);
    for (std::size_t i = 0; i < delta.size(); ++i) {
      point[i] = clean[i] + static_cast<float>(delta[i] * scale);
    }
  }

  static constexpr double kNothing = 1e-12;

  Grid grid_;
  Norm norm_;
  const SquareOptions& options_;
  Window size_{};
  std::array<std::vector<float>, 2> bumps_{};
};

/// The search over a batch, on the host; of the device only the model is asked.
template <typename Moves>
class SquareSearch {
 public:
  SquareSearch(const Batch& batch, const ThreatModel& threat, const SquareOptions& options, const Rng& rng)
      : batch_(batch),
        options_(options),
        rng_(rng),
        feasible_(batch.inputs.cpu().contiguous(), on_host(threat)),
        active_(batch.size()) {}

  void run(ScoreTarget& target, Moves moves, BestPoints& best) {
    begin(moves);
    for (int query = 0; query <= options_.queries; ++query) {
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
      if (query == options_.queries) {
        break;
      }
      trial_ = point_.clone();
      moves.prepare(query);
      change(static_cast<std::uint32_t>(query) + 1, [&](auto... given) { moves.move(given...); });
    }
    if (options_.variant == Variant::kPublished) {
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
  const SquareOptions& options_;
  const Rng& rng_;
  FeasibleSet feasible_;
  ActiveSet active_;
  Tensor point_;  // [N, ...] the best of each active row
  Tensor trial_;  // [N, ...] a window of it changed
};

}  // namespace

AttackResult square(ScoreTarget& target, const Batch& batch, const ThreatModel& threat, const SquareOptions& options,
                    const Rng& rng) {
  BestPoints best(batch, threat);
  const Grid grid = grid_of(batch.inputs);
  if (threat.norm == Norm::kLinf) {
    SquareSearch<CornerMoves>(batch, threat, options, rng).run(target, CornerMoves(grid, options), best);
  } else {
    SquareSearch<MassMoves>(batch, threat, options, rng).run(target, MassMoves(grid, threat.norm, options), best);
  }
  return std::move(best).result();
}

Tensor searched_start(ScoreTarget& target, const Batch& batch, const ThreatModel& threat, int queries, const Rng& rng,
                      int restart) {
  Batch fresh = batch;
  fresh.starts = Tensor();
  return square(target, fresh, threat, {.queries = queries},
                rng.derived("searched start", static_cast<std::uint64_t>(restart)))
      .candidates;
}

void register_square(AttackRegistry& registry) {
  registry.add<&square>({.name = "square",
                         .kind = AttackKind::kFixedBudget,
                         .norms = {Norm::kL1, Norm::kL2, Norm::kLinf},
                         .paper = "arXiv:1912.00049",
                         .summary = "Square Attack: random windows that lower the margin, without gradients",
                         .cost = "5001 F"});
}

}  // namespace faultline
