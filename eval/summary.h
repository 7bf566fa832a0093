// The figures of a run, derived from its rows and costs: what --json prints and summary.json holds.
#pragma once

#include <optional>
#include <vector>

#include "faultline/eval/model_check.h"
#include "faultline/eval/plan.h"
#include "faultline/eval/run.h"
#include "faultline/eval/sanity.h"
#include "faultline/statistics/survival_curve.h"

namespace faultline {

/// The figures of one attack of the ensemble.
struct AttackFigures {
  std::string name{};
  std::vector<OptionInfo> options{};
  std::int64_t attempted = 0;  ///< Samples (attack) or probes (curve) it was run on.
  std::int64_t found = 0;      ///< Of these, verified successes.
  AttackCost cost{};
};

struct Summary {
  std::int64_t samples = 0;
  std::int64_t clean_errors = 0;
  std::int64_t adversarial_errors = 0;  ///< Includes the clean errors. Curve: failing at epsilon_max or below.
  std::int64_t not_attempted = 0;       ///< Targeted: right, but the label is the target.
  std::int64_t clean_near_ties = 0;
  Interval clean_accuracy{};
  Interval robust_accuracy{};
  std::vector<AttackFigures> attacks{};
  std::int64_t accepted = 0;
  std::int64_t near_ties = 0;
  std::int64_t rejected = 0;
  std::int64_t eight_bits = 0;        ///< Witnesses that still fail rounded to 8 bits ...
  std::int64_t eight_bits_of = 0;     ///< ... of so many looked at.
  std::vector<std::string> checks{};  ///< The sanity checks that were made, by name.
  AttackCost sanity{};                ///< What those cost that ask the model.
  std::vector<Warning> warnings{};    ///< Those that fired.
  double seconds = 0;                 ///< Wall clock of the run.
  std::optional<SurvivalCurve> curve{};
};

/// `sanity`: the checks of the model and of the run's survivors; those of its figures are added.
[[nodiscard]] Summary summarise(const Plan& plan, const RunResult& result, SanityReport sanity);

/// The epsilons that a curve's points stand at: `at`, or the ladder when there are none.
[[nodiscard]] std::vector<double> point_epsilons(const Plan& plan);

/// The document of product.md, schema faultline.attack/1 or faultline.curve/1.
[[nodiscard]] Json summary_json(const Plan& plan, const Summary& summary);

}  // namespace faultline
