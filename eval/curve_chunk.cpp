#include "faultline/eval/curve_chunk.h"

#include <array>
#include <cmath>
#include <limits>

#include "faultline/core/error.h"
#include "faultline/eval/ensemble.h"
#include "faultline/eval/goal.h"
#include "faultline/eval/witness.h"

namespace faultline {

namespace {

constexpr int kMostProbes = 48;  // a bound on bisection towards 0, far beyond what float32 inputs resolve

/// The search for one sample's distance.
class Bracket {
 public:
  Bracket(std::span<const double> ladder, double tolerance)
      : ladder_(ladder), tolerance_(tolerance), above_(ladder.size()) {}

  /// The next epsilon to probe, or nothing when the distance is settled.
  [[nodiscard]] std::optional<double> next() const {
    if (probes_ >= kMostProbes) {
      return std::nullopt;
    }
    if (above_ > below_) {
      return ladder_[(below_ + above_) / 2];
    }
    const bool settled = !std::isfinite(distance_) || distance_ <= 0 || distance_ - failed_ <= tolerance_ * distance_;
    const bool unresolvable = distance_ <= ladder_.front() * 0x1p-10;
    if (settled && failed_fresh_ && std::isfinite(distance_)) {
      return failed_;  // the ladder's failure, asked again from the witness before it is believed
    }
    if (settled || unresolvable) {
      return std::nullopt;
    }
    return failed_ > 0 ? std::sqrt(failed_ * distance_) : distance_ / 2;
  }

  /// Whether the distance is known to lie between two rungs, so that only the bracket is halved from here on.
  [[nodiscard]] bool refining() const { return above_ <= below_; }

  void failed(double epsilon) {
    ++probes_;
    if (epsilon >= failed_) {
      failed_ = epsilon;
      failed_fresh_ = !refining();
    }
    below_ = rungs_up_to(epsilon);
  }

  void found(double distance) {
    ++probes_;
    distance_ = std::min(distance_, distance);
    above_ = std::min(above_, rungs_below(distance_));
    // A witness nearer than an epsilon that failed before: the failure says nothing any more.
    if (distance_ <= failed_) {
      failed_ = 0;
      failed_fresh_ = false;
      below_ = 0;
    }
  }

  [[nodiscard]] double distance() const { return distance_; }

 private:
  /// Rungs that a failure at `epsilon` settles: those not above it.
  [[nodiscard]] std::size_t rungs_up_to(double epsilon) const {
    return static_cast<std::size_t>(std::upper_bound(ladder_.begin(), ladder_.end(), epsilon) - ladder_.begin());
  }
  /// Rungs that a witness at `distance` leaves open: those below it.
  [[nodiscard]] std::size_t rungs_below(double distance) const {
    return static_cast<std::size_t>(std::lower_bound(ladder_.begin(), ladder_.end(), distance) - ladder_.begin());
  }

  std::span<const double> ladder_;
  double tolerance_;
  std::size_t below_ = 0;  // rungs before this one are settled: the attack fails there
  std::size_t above_;      // rungs from this one on are settled: a witness is inside
  double failed_ = 0;
  bool failed_fresh_ = false;  // whether that was a fresh probe of the ladder
  double distance_ = std::numeric_limits<double>::infinity();
  int probes_ = 0;
};

/// Where a probe begins. On the ladder each is a fresh attack, as `attack` would run it: a start left over from another
/// epsilon often leads back into the valley where that probe ended. Inside a bracket the witness is near, and is the
/// start.
enum class Start { kFresh, kWitness };

/// Unsettled samples, each at its own epsilon.
struct Round {
  std::vector<std::int64_t> rows;
  std::vector<double> epsilons;
};

Round next_round(const std::vector<Bracket>& brackets, const std::vector<std::int64_t>& attackable, Start start) {
  Round round;
  for (std::size_t i = 0; i < brackets.size(); ++i) {
    const std::optional<double> epsilon = brackets[i].next();
    if (epsilon && brackets[i].refining() == (start == Start::kWitness)) {
      round.rows.push_back(attackable[i]);
      round.epsilons.push_back(*epsilon);
    }
  }
  return round;
}

std::vector<std::int64_t> to_vector(const Tensor& rows) {
  const Tensor host = rows.cpu().contiguous();
  return {host.const_data_ptr<std::int64_t>(), host.const_data_ptr<std::int64_t>() + host.numel()};
}

/// Everything about one chunk while its samples are searched.
class CurveSearch {
 public:
  CurveSearch(TargetStack& target, const Batch& batch, const Plan& plan, const std::vector<ConfiguredAttack>& attacks)
      : target_(target),
        batch_(batch),
        plan_(plan),
        attacks_(attacks),
        rng_(plan.seed),
        ladder_(epsilon_ladder(plan.curve->epsilon_max, plan.curve->at)) {
    CleanPass pass = clean_pass(target, batch, plan.goal, rng_.derived("target"));
    attackable_ = to_vector(pass.attackable);
    targets_ = pass.targets;
    result_ = {std::move(pass.rows), batch.inputs, batch.inputs.clone(), std::vector<AttackCost>(attacks.size())};
    brackets_.assign(attackable_.size(), Bracket(ladder_, plan.curve->tolerance));
    bracket_of_.assign(static_cast<std::size_t>(batch.size()), 0);
    for (std::size_t i = 0; i < attackable_.size(); ++i) {
      bracket_of_[static_cast<std::size_t>(attackable_[i])] = i;
    }
  }

  ChunkResult run() {
    for (std::uint64_t number = 0;; ++number) {
      const Round fresh = next_round(brackets_, attackable_, Start::kFresh);
      const Round refined = next_round(brackets_, attackable_, Start::kWitness);
      if (fresh.rows.empty() && refined.rows.empty()) {
        break;
      }
      probe(fresh, Start::kFresh, number);
      probe(refined, Start::kWitness, number);
    }
    name_witnesses(result_);
    return std::move(result_);
  }

 private:
  /// The ensemble at one epsilon per sample of the round.
  void probe(const Round& round, Start start, std::uint64_t number) {
    const Tensor rows = at::tensor(round.rows, at::kLong);
    if (rows.size(0) == 0) {
      return;
    }
    const at::Device device = batch_.inputs.device();
    Batch part = select(batch_, rows);
    if (start == Start::kWitness) {
      part.starts = result_.witnesses.index_select(0, rows.to(device));
    }
    ThreatModel threat{*plan_.norm, at::tensor(round.epsilons, at::kDouble).to(device), plan_.data.options.bounds, {}};
    if (targets_.defined()) {
      threat.targets = targets_.index_select(0, rows.to(device));
    }
    const Tensor left = run_ensemble(
        target_, attacks_, part, threat, result_.costs,
        {.rng = [&](std::size_t a) { return rng_.derived(attacks_[a].info.name, a).derived("probe", number); },
         .tried = [&](std::size_t a, const Tensor& places,
                      const Attempt& tried) { settle(rows.index_select(0, places), tried, a); },
         .passed_over = [&](const Tensor& places) { pass_over(result_, rows.index_select(0, places)); }});
    for (std::int64_t i = 0; i < left.size(0); ++i) {
      const auto place = static_cast<std::size_t>(left[i].item<std::int64_t>());
      bracket_at(round.rows[place]).failed(round.epsilons[place]);
    }
  }

  Bracket& bracket_at(std::int64_t row) { return brackets_[bracket_of_[static_cast<std::size_t>(row)]]; }

  /// Records what one attack came to.
  void settle(const Tensor& rows, const Attempt& tried, std::size_t attack) {
    for (std::int64_t i = 0; i < rows.size(0); ++i) {
      const std::int64_t number = rows[i].item<std::int64_t>();
      const auto place = static_cast<std::size_t>(i);
      SampleRow& row = result_.rows[static_cast<std::size_t>(number)];
      row.attempts.push_back(tried.outcomes[place]);
      if (tried.outcomes[place] != Outcome::kFound) {
        continue;
      }
      const Verdict& verdict = tried.verdicts[place];
      if (verdict.distance < bracket_at(number).distance()) {
        mark_found(row, attack, tried, place);
        result_.witnesses[number] = tried.result.candidates[i];
      }
      bracket_at(number).found(verdict.distance);
    }
  }

  TargetStack& target_;
  const Batch& batch_;
  const Plan& plan_;
  const std::vector<ConfiguredAttack>& attacks_;
  Rng rng_;
  std::vector<double> ladder_;
  ChunkResult result_;
  Tensor targets_;
  std::vector<std::int64_t> attackable_;  // row numbers
  std::vector<Bracket> brackets_;         // one per attackable row
  std::vector<std::size_t> bracket_of_;   // row number -> bracket
};

}  // namespace

std::vector<double> epsilon_ladder(double epsilon_max, const std::vector<double>& at) {
  std::vector<double> ladder{epsilon_max};
  for (int decade = static_cast<int>(std::floor(std::log10(epsilon_max))); decade >= -12; --decade) {
    for (const int digit : {5, 2, 1}) {
      // Through text, so that the rung is the double that "0.05" spells.
      const double rung = std::stod(std::to_string(digit) + "e" + std::to_string(decade));
      if (rung < epsilon_max && rung * 1000 >= epsilon_max * (1 - 1e-9)) {
        ladder.push_back(rung);
      }
    }
  }
  ladder.insert(ladder.end(), at.begin(), at.end());
  std::ranges::sort(ladder);
  ladder.erase(std::unique(ladder.begin(), ladder.end()), ladder.end());
  return ladder;
}

ChunkResult curve_chunk(TargetStack& target, const Batch& batch, const Plan& plan,
                        const std::vector<ConfiguredAttack>& attacks) {
  return CurveSearch(target, batch, plan, attacks).run();
}

}  // namespace faultline
