// Two runs on the same samples: is the second model better, worse, or is there nothing to tell them apart?
//
//   const Comparison comparison = compare_runs("night1", "night2", {.margin = 0.02});
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "faultline/data/json.h"
#include "faultline/statistics/paired.h"

namespace faultline {

/// kNoDifference: the difference is too small to show, and smaller than the margin for sure. kInconclusive: it is too
/// small to show, but might be as large as the margin.
enum class ComparisonVerdict { kBetter, kNoDifference, kInconclusive, kWorse };

struct ComparisonOptions {
  double margin = 0.02;  ///< A difference of accuracy that would matter; a share.
  double alpha = 0.05;   ///< Of all tests of the comparison together.
};

/// One measure of one stage, sample by sample.
struct ComparedMeasure {
  std::string stage{};    ///< Id of the stage; empty for runs of one command.
  std::string measure{};  ///< clean_accuracy or robust_accuracy.
  PairedCounts counts{};
  Interval first{};
  Interval second{};
  Interval drop{};        ///< From the first to the second.
  double p = 1;           ///< Two-sided exact McNemar.
  double p_adjusted = 1;  ///< By Holm, over all measures compared.
  ComparisonVerdict verdict = ComparisonVerdict::kNoDifference;
};

struct Comparison {
  std::vector<ComparedMeasure> measures{};
  ComparisonVerdict verdict = ComparisonVerdict::kNoDifference;  ///< The gravest of them.
};

/// Each directory is that of a nightly run, of which stages of the same id are compared, or of one `attack` or `curve`.
/// Throws Error (kUsage) when they are of different settings, and says where these differ, or hold nothing to compare.
[[nodiscard]] Comparison compare_runs(const std::filesystem::path& first, const std::filesystem::path& second,
                                      const ComparisonOptions& options);

/// "better", "no difference shown", "inconclusive", "worse".
[[nodiscard]] std::string name_of(ComparisonVerdict verdict);

[[nodiscard]] Json comparison_json(const Comparison& comparison);

}  // namespace faultline
