#include "faultline/eval/ensemble.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "faultline/core/ascent.h"
#include "faultline/core/distance.h"
#include "faultline/core/linearised_distance.h"
#include "faultline/core/loss.h"
#include "faultline/core/projection.h"

namespace faultline {

namespace {

/// Whether a step along the gradient lowers the margin by a tenth at least of what the gradient says: [M] bool on the
/// host. A step of a hundredth of epsilon, and where that does not of a tenth: a quantised model moves in jumps. Where
/// neither does, the model is not what its gradient makes of it.
Tensor keeps_promise(Target& target, const Tensor& points, const Tensor& labels, const ThreatModel& threat,
                     const LinearisedMargin& here) {
  constexpr double kKept = 0.1;
  constexpr double kL1Share = 0.05;
  const Tensor way = ascent_direction(here.gradients.clone(), threat.norm, kL1Share);
  Tensor kept = at::zeros({points.size(0)}, at::kBool);
  for (const double step : {0.01, 0.1}) {
    const Tensor rows = kept.logical_not().nonzero().squeeze(1);
    if (rows.size(0) == 0) {
      break;
    }
    const Tensor chosen = rows.to(points.device());
    const ThreatModel part = select(threat, rows);
    const Tensor from = points.index_select(0, chosen);
    const Tensor to = (from + way.index_select(0, chosen) * broadcast_rows(part.epsilon * step, from))
                          .clamp_(threat.bounds.lower, threat.bounds.upper);
    const Tensor said = (here.gradients.index_select(0, chosen) * (to - from)).flatten(1).sum(1, false, at::kDouble);
    const Tensor margins =
        differentiate(Loss::kMargin, target.logits(to), labels.index_select(0, chosen), part).value.neg();
    const Tensor fallen = here.margins.index_select(0, rows) - margins.to(at::kCPU, at::kDouble);
    kept.index_copy_(0, rows, said.cpu().gt(0).logical_and(fallen.ge(said.cpu() * kKept)));
  }
  return kept;
}

/// What is known of a row that withstood all attacks so far; of its best point unless said otherwise.
struct Known {
  double margin = std::numeric_limits<double>::infinity();
  double reach = std::numeric_limits<double>::infinity();  // the linearised distance to failing, in epsilons
  bool trusted = false;                                    // whether the gradient keeps its promise
  bool attacked = false;                                   // whether an attack has come to a point
  double spread = 0;  // by how much the margin that the last attack came to differs from the best before it
};

/// The best points of rows that withstood all attacks so far, and how far they are from failing.
class Frontier {
 public:
  Frontier(const Batch& batch, const ThreatModel& threat)
      : batch_(batch),
        threat_(threat),
        points_((batch.starts.defined() ? batch.starts : batch.inputs).clone()),
        known_(static_cast<std::size_t>(batch.size())),
        whole_box_(
            largest_distance(threat.norm, threat.bounds.upper - threat.bounds.lower,
                             static_cast<double>(batch.inputs.numel() / std::max<std::int64_t>(1, batch.size())))) {}

  /// Looks at where the rows begin, before any attack.
  void look_at_starts(Target& target, const Tensor& rows) { (void)compare(target, rows, best(rows)); }

  /// Compares points [M, ...] of `rows` [M], where an attack ended, with the best so far.
  void look(Target& target, const Tensor& rows, const Tensor& points) {
    const std::vector<Known> before = known_;
    const Tensor margins = compare(target, rows, points);
    for (std::int64_t i = 0; i < rows.size(0); ++i) {
      const auto place = static_cast<std::size_t>(rows[i].item<std::int64_t>());
      if (before[place].attacked) {
        known_[place].spread = std::abs(margins[i].item<double>() - before[place].margin);
      }
      known_[place].attacked = true;
    }
  }

  /// Whether a row is within so many epsilons of failing, as far as one can tell.
  [[nodiscard]] bool within(std::int64_t row, double epsilons) const {
    const Known& known = known_[static_cast<std::size_t>(row)];
    const bool believable = known.trusted && known.reach * threat_.epsilon[row].item<double>() <= whole_box_;
    // Attacks that disagree by a tenth of what is missing are worth as much as one that misses a whole epsilon.
    constexpr double kShare = 0.1;
    const bool rugged = known.margin * kShare <= epsilons * known.spread;
    return rugged || !believable || !(known.reach > epsilons);
  }

  [[nodiscard]] Tensor best(const Tensor& rows) const { return points_.index_select(0, rows.to(points_.device())); }

 private:
  /// Takes over the points with lower margins. Returns the margins of all: [M] float64 on the host.
  Tensor compare(Target& target, const Tensor& rows, const Tensor& points) {
    const Tensor labels = select(batch_, rows).labels;
    const ThreatModel threat = select(threat_, rows);
    const LinearisedMargin here = linearised_margin(target, points, labels, threat);
    const Tensor trusted = keeps_promise(target, points, labels, threat, here);
    for (std::int64_t i = 0; i < rows.size(0); ++i) {
      const std::int64_t row = rows[i].item<std::int64_t>();
      Known& known = known_[static_cast<std::size_t>(row)];
      const double margin = here.margins[i].item<double>();
      if (margin < known.margin) {
        known.margin = margin;
        known.reach = here.distances[i].item<double>() / threat_.epsilon[row].item<double>();
        known.trusted = trusted[i].item<bool>();
        points_.select(0, row).copy_(points[i]);
      }
    }
    return here.margins;
  }

  const Batch& batch_;
  const ThreatModel& threat_;
  Tensor points_;  // [N, ...] the best seen
  std::vector<Known> known_;
  double whole_box_;  // the largest distance inside the bounds
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
      run_metered(target.padded(), costs[0], [&](Target& to) { frontier.look_at_starts(to, survivors); });
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
