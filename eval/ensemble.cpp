#include "faultline/eval/ensemble.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "faultline/core/distance.h"
#include "faultline/core/linearised_distance.h"

namespace faultline {

namespace {

/// The best points of rows that withstood all attacks so far, and how far they are from failing.
class Frontier {
 public:
  Frontier(const Batch& batch, const ThreatModel& threat)
      : batch_(batch),
        threat_(threat),
        points_(batch.inputs.clone()),
        margins_(static_cast<std::size_t>(batch.size()), std::numeric_limits<double>::infinity()),
        reaches_(margins_),
        spreads_(margins_.size(), 0.0),
        whole_box_(
            largest_distance(threat.norm, threat.bounds.upper - threat.bounds.lower,
                             static_cast<double>(batch.inputs.numel() / std::max<std::int64_t>(1, batch.size())))) {}

  /// Compares points [M, ...] of `rows` [M] with the best so far.
  void look(Target& target, const Tensor& rows, const Tensor& points) {
    const Tensor labels = select(batch_, rows).labels;
    const LinearisedMargin here = linearised_margin(target, points, labels, select(threat_, rows));
    for (std::int64_t i = 0; i < rows.size(0); ++i) {
      const std::int64_t row = rows[i].item<std::int64_t>();
      const auto place = static_cast<std::size_t>(row);
      const double margin = here.margins[i].item<double>();
      const double before = margins_[place];
      if (std::isfinite(before)) {
        spreads_[place] = std::abs(margin - before);
      }
      if (margin < before) {
        margins_[place] = margin;
        reaches_[place] = here.distances[i].item<double>() / threat_.epsilon[row].item<double>();
        points_.select(0, row).copy_(points[i]);
      }
    }
  }

  /// Whether a row is within so many epsilons of failing, as far as one can tell.
  [[nodiscard]] bool within(std::int64_t row, double epsilons) const {
    const auto place = static_cast<std::size_t>(row);
    const double distance = reaches_[place] * threat_.epsilon[row].item<double>();
    const bool believable = distance <= whole_box_;
    // Attacks that disagree by a tenth of what is missing are worth as much as one that misses a whole epsilon.
    constexpr double kShare = 0.1;
    const bool rugged = margins_[place] * kShare <= epsilons * spreads_[place];
    return rugged || !believable || !(reaches_[place] > epsilons);
  }

  [[nodiscard]] Tensor best(const Tensor& rows) const { return points_.index_select(0, rows.to(points_.device())); }

 private:
  const Batch& batch_;
  const ThreatModel& threat_;
  Tensor points_;                // [N, ...] the best seen
  std::vector<double> margins_;  // at the best
  std::vector<double> reaches_;  // the linearised distance of the best to failing, in epsilons
  std::vector<double> spreads_;  // by how much the margin that the last attack came to differs from the best before it
  double whole_box_;             // the largest distance inside the bounds
};

/// The rows that an attack takes on, and those that it leaves alone.
struct Split {
  Tensor taken{};
  Tensor left{};
};

Split split(const Frontier& frontier, const Tensor& rows, double epsilons) {
  std::vector<std::int64_t> taken;
  std::vector<std::int64_t> left;
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    const std::int64_t row = rows[i].item<std::int64_t>();
    (frontier.within(row, epsilons) ? taken : left).push_back(row);
  }
  return {as_rows(taken), as_rows(left)};
}

/// The candidates [L, ...] of the rows `left`, of those [M, ...] of the rows `taken`; both rising.
Tensor points_of(const Tensor& taken, const Tensor& left, const Tensor& candidates) {
  return candidates.index_select(0, at::searchsorted(taken, left).to(candidates.device()));
}

bool depends_on_earlier(const ConfiguredAttack& attack) { return attack.within || attack.from_best; }

}  // namespace

Tensor run_ensemble(TargetStack& target, const std::vector<ConfiguredAttack>& attacks, const Batch& batch,
                    const ThreatModel& threat, std::vector<AttackCost>& costs, const EnsembleHooks& hooks) {
  Frontier frontier(batch, threat);
  Tensor survivors = at::arange(batch.size(), at::kLong);
  for (std::size_t number = 0; number < attacks.size() && survivors.size(0) > 0; ++number) {
    const ConfiguredAttack& attack = attacks[number];
    if (number == 0 && depends_on_earlier(attack)) {
      run_metered(target.padded(), costs[0], [&](Target& to) { frontier.look(to, survivors, batch.inputs); });
    }
    const Split rows = attack.within ? split(frontier, survivors, *attack.within) : Split{survivors, as_rows({})};
    if (rows.left.size(0) > 0) {
      hooks.passed_over(rows.left);
    }
    if (rows.taken.size(0) == 0) {
      continue;
    }
    Batch part = select(batch, rows.taken);
    if (attack.from_best) {
      part.starts = frontier.best(rows.taken);
    }
    const Attempt tried = attempt(target, attack, part, select(threat, rows.taken), hooks.rng(number), costs[number]);
    hooks.tried(number, rows.taken, tried);
    const Tensor left = rows_left(rows.taken, tried);
    const bool matters =
        std::any_of(attacks.begin() + static_cast<std::ptrdiff_t>(number) + 1, attacks.end(), depends_on_earlier);
    if (matters && !attack.transforms() && left.size(0) > 0) {
      const Tensor points = points_of(rows.taken, left, tried.result.candidates);
      run_metered(target.padded(), costs[number], [&](Target& to) { frontier.look(to, left, points); });
    }
    survivors = std::get<0>(at::cat({left, rows.left}).sort());
  }
  return survivors;
}

}  // namespace faultline
