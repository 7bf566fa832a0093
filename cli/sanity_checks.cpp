#include "faultline/cli/sanity_checks.h"

#include <algorithm>

#include "faultline/cli/console.h"
#include "faultline/core/verifier.h"
#include "faultline/eval/goal.h"

namespace faultline {

namespace {

bool applies(const Plan& plan, const std::vector<ConfiguredAttack>& attacks) {
  return plan.norm && plan.epsilon > 0 && *plan.norm != Norm::kL0 &&
         std::ranges::any_of(attacks, [](const ConfiguredAttack& attack) {
           return !attack.transforms() && attack.knowledge == Knowledge::kGradients;
         });
}

/// The samples that withstood all attacks and were nearest to failing from the beginning, at most the floor batch.
std::vector<SampleRow> nearest_survivors(const std::vector<SampleRow>& rows) {
  std::vector<SampleRow> survivors;
  std::ranges::copy_if(rows, std::back_inserter(survivors), [](const SampleRow& row) {
    return row.status == SampleRow::Status::kRobust && !row.clean.near_tie;
  });
  std::ranges::stable_sort(survivors, {}, [](const SampleRow& row) { return row.clean.margin; });
  survivors.resize(std::min(survivors.size(), static_cast<std::size_t>(kFloorBatch)));
  return survivors;
}

Batch read_rows(const Session& session, const std::vector<SampleRow>& rows) {
  std::vector<Tensor> inputs;
  std::vector<std::int64_t> labels;
  Batch batch;
  for (const SampleRow& row : rows) {
    inputs.push_back(read_batch(*session.data, row.id.index, 1, session.data_plan.options.bounds).inputs);
    labels.push_back(row.label);
    batch.ids.push_back(row.id);
  }
  batch.inputs = at::cat(inputs).to(session.model->device());
  batch.labels = at::tensor(labels, at::kLong).to(session.model->device());
  return batch;
}

/// Whether the interval of the measured accuracy holds the one that was expected.
SanityReport compare_accuracy(double expected, const std::vector<SampleRow>& rows) {
  const auto errors = std::ranges::count(rows, SampleRow::Status::kCleanError, &SampleRow::status);
  const auto samples = static_cast<std::int64_t>(rows.size());
  const Interval measured = wilson(samples - errors, samples);
  SanityReport report{.checks = {"clean-accuracy"}};
  if (expected < measured.low || expected > measured.high) {
    report.warnings.push_back({"clean-accuracy", "the clean accuracy is " + percent(measured) + ", not " +
                                                     three_digits(100 * expected) +
                                                     " % as expected: other preprocessing (--mean, --std, --bounds, "
                                                     "--layout), other labels or another model"});
  }
  return report;
}

}  // namespace

void check_before(Session& session, const Plan& plan, const std::vector<ConfiguredAttack>& attacks,
                  const AttackRegistry& registry) {
  const bool no_gradients = std::ranges::any_of(session.sanity.warnings, [](const Warning& warning) {
    return warning.check == "zero-gradient" || warning.check == "non-finite-gradient";
  });
  if (!applies(plan, attacks) || !session.facts.repeatable || no_gradients) {
    return;
  }
  TargetStack target(session.make_target);
  const Batch first = first_samples(session);
  const std::vector<CleanVerdict> verdicts = judge_clean(target.padded(), first);
  std::vector<std::int64_t> right;
  for (std::size_t row = 0; row < verdicts.size(); ++row) {
    if (verdicts[row].right && !verdicts[row].near_tie) {
      right.push_back(static_cast<std::int64_t>(row));
    }
  }
  if (right.empty()) {
    return;
  }
  const Batch samples = select(first, at::tensor(right, at::kLong));
  const ThreatModel threat = uniform_threat(*plan.norm, plan.epsilon, samples, plan.data.options.bounds);
  add(session.sanity, check_model(target, {samples, threat, registry, Rng(plan.seed)}));
}

SanityReport check_after(const Session& session, const Plan& plan, const std::vector<ConfiguredAttack>& attacks,
                         const AttackRegistry& registry, std::optional<double> expected, const RunResult& result) {
  SanityReport report;
  const std::vector<SampleRow> survivors = nearest_survivors(result.rows);
  if (applies(plan, attacks) && session.facts.repeatable && !survivors.empty() && !result.interrupted) {
    const Batch batch = read_rows(session, survivors);
    ThreatModel threat = uniform_threat(*plan.norm, plan.epsilon, batch, plan.data.options.bounds);
    if (survivors.front().target) {
      std::vector<std::int64_t> targets;
      std::ranges::transform(survivors, std::back_inserter(targets), [](const SampleRow& row) { return *row.target; });
      threat.targets = at::tensor(targets, at::kLong).to(batch.inputs.device());
    }
    TargetStack target(session.make_target);
    report = check_survivors(target, {batch, threat, registry, Rng(plan.seed)}, attacks);
  }
  if (expected) {
    add(report, compare_accuracy(*expected, result.rows));
  }
  return report;
}

void print_checks(const Summary& summary) {
  std::string text = "\n" + bold("sanity checks") + " (" + std::to_string(summary.sanity.meter.forwards) +
                     " forwards, " + std::to_string(summary.sanity.meter.backwards) +
                     " backwards beside those above)\n";
  for (const std::string& check : summary.checks) {
    if (std::ranges::none_of(summary.warnings, [&](const Warning& fired) { return fired.check == check; })) {
      text += "  PASS  " + meaning_of_check(check) + "\n";
    }
  }
  for (const Warning& warning : summary.warnings) {
    text += "  WARN  " + warning.message + " [" + warning.check + "]\n";
  }
  print(text);
}

}  // namespace faultline
