#include "faultline/nightly/comparison.h"

#include <algorithm>
#include <map>

#include "faultline/core/error.h"
#include "faultline/eval/document.h"
#include "faultline/eval/plan.h"
#include "faultline/nightly/nightly_directory.h"
#include "faultline/nightly/stage_result.h"
#include "faultline/statistics/multiple_tests.h"

namespace faultline {

namespace {

/// Throws Error (kUsage) unless the run has a row for each of its samples.
void refuse_unfinished(const std::filesystem::path& path, const Comparable& run) {
  const std::int64_t wanted = integer(run.plan.at("data").at("samples"));
  const std::int64_t rows = run.outcomes ? std::ssize(run.outcomes->ids) : 0;
  if (rows != wanted) {
    throw Error{ErrorCode::kUsage, path.string() + ": " + std::to_string(rows) + " of " + std::to_string(wanted) +
                                       " samples are done; finish the run with --resume first"};
  }
}

/// What a directory holds, by the id of the stage.
std::map<std::string, Comparable> read_run(const std::filesystem::path& path) {
  std::map<std::string, Comparable> stages;
  if (std::filesystem::exists(path / "samples.jsonl")) {
    stages[""] = comparable_of(Json(), path);
    refuse_unfinished(path, stages.at(""));
    return stages;
  }
  const NightlyDirectory directory(path);
  for (const auto& [id, stage] : directory.finished()) {
    Comparable comparable = comparable_of(stage.document, directory.stage_folder(id));
    if (comparable.outcomes) {
      refuse_unfinished(directory.stage_folder(id), comparable);
      stages[id] = std::move(comparable);
    }
  }
  if (stages.empty()) {
    throw Error{ErrorCode::kUsage, path.string() +
                                       ": nothing to compare in it; expected the --out directory of `run`, `attack` or "
                                       "`curve`"};
  }
  return stages;
}

void refuse_other_settings(const std::string& stage, const Comparable& first, const Comparable& second) {
  if (first.setting == second.setting) {
    return;
  }
  const std::optional<PlanDifference> difference = first_difference(first.plan, second.plan);
  throw Error{ErrorCode::kUsage, "the runs cannot be compared" + (stage.empty() ? "" : ", stage " + stage) + ": " +
                                     (difference ? difference->place + " is " + difference->first +
                                                       " in the first and " + difference->second + " in the second"
                                                 : "their settings differ")};
}

Interval accuracy(const SampleOutcomes& outcomes) {
  return wilson(std::ranges::count(outcomes.failing, false), std::ssize(outcomes.failing));
}

ComparedMeasure compare(const std::string& stage, const std::string& measure, const SampleOutcomes& first,
                        const SampleOutcomes& second) {
  const std::optional<PairedCounts> counts = pair_up(first, second);
  if (!counts) {
    throw Error{ErrorCode::kUsage, "the runs cannot be compared: one of them lacks samples; finish it with --resume"};
  }
  return {.stage = stage,
          .measure = measure,
          .counts = *counts,
          .first = accuracy(first),
          .second = accuracy(second),
          .drop = paired_drop(*counts),
          .p = mcnemar(*counts)};
}

ComparisonVerdict verdict_of(const ComparedMeasure& compared, const ComparisonOptions& options) {
  if (compared.p_adjusted < options.alpha) {
    return compared.counts.broken > compared.counts.mended ? ComparisonVerdict::kWorse : ComparisonVerdict::kBetter;
  }
  const bool surely_small = compared.drop.low > -options.margin && compared.drop.high < options.margin;
  const bool same = compared.counts.broken + compared.counts.mended == 0;
  return surely_small || same ? ComparisonVerdict::kNoDifference : ComparisonVerdict::kInconclusive;
}

}  // namespace

Comparison compare_runs(const std::filesystem::path& first, const std::filesystem::path& second,
                        const ComparisonOptions& options) {
  const std::map<std::string, Comparable> before = read_run(first);
  const std::map<std::string, Comparable> now = read_run(second);
  Comparison comparison;
  for (const auto& [id, earlier] : before) {
    const auto later = now.find(id);
    if (later == now.end()) {
      throw Error{ErrorCode::kUsage, "the runs cannot be compared: stage " + id + " is not in " + second.string() +
                                         ", or has not finished there"};
    }
    refuse_other_settings(id, earlier, later->second);
    comparison.measures.push_back(
        compare(id, "clean_accuracy", *earlier.clean_outcomes, *later->second.clean_outcomes));
    comparison.measures.push_back(compare(id, "robust_accuracy", *earlier.outcomes, *later->second.outcomes));
  }
  for (const auto& [id, later] : now) {
    if (!before.contains(id)) {
      throw Error{ErrorCode::kUsage, "the runs cannot be compared: stage " + id + " is not in " + first.string() +
                                         ", or has not finished there"};
    }
  }
  std::vector<double> p;
  std::ranges::transform(comparison.measures, std::back_inserter(p), &ComparedMeasure::p);
  const std::vector<double> adjusted = holm(p);
  for (std::size_t i = 0; i < adjusted.size(); ++i) {
    ComparedMeasure& measure = comparison.measures[i];
    measure.p_adjusted = adjusted[i];
    measure.verdict = verdict_of(measure, options);
  }
  // A gain in one place does not make up for a loss, or for doubt, in another.
  const auto any = [&](ComparisonVerdict verdict) {
    return std::ranges::find(comparison.measures, verdict, &ComparedMeasure::verdict) != comparison.measures.end();
  };
  for (const ComparisonVerdict verdict : {ComparisonVerdict::kNoDifference, ComparisonVerdict::kBetter,
                                          ComparisonVerdict::kInconclusive, ComparisonVerdict::kWorse}) {
    comparison.verdict = any(verdict) ? verdict : comparison.verdict;
  }
  return comparison;
}

std::string name_of(ComparisonVerdict verdict) {
  switch (verdict) {
    case ComparisonVerdict::kBetter:
      return "better";
    case ComparisonVerdict::kNoDifference:
      return "no difference shown";
    case ComparisonVerdict::kInconclusive:
      return "inconclusive";
    case ComparisonVerdict::kWorse:
      break;
  }
  return "worse";
}

Json comparison_json(const Comparison& comparison) {
  Json json{{"verdict", name_of(comparison.verdict)}, {"comparisons", Json::array()}};
  for (const ComparedMeasure& compared : comparison.measures) {
    json["comparisons"].push_back({{"stage", compared.stage},
                                   {"measure", compared.measure},
                                   {"samples", compared.counts.samples},
                                   {"broken", compared.counts.broken},
                                   {"mended", compared.counts.mended},
                                   {"first", interval_json(compared.first)},
                                   {"second", interval_json(compared.second)},
                                   {"drop", interval_json(compared.drop)},
                                   {"p", compared.p},
                                   {"p_adjusted", compared.p_adjusted},
                                   {"verdict", name_of(compared.verdict)}});
  }
  return json;
}

}  // namespace faultline
