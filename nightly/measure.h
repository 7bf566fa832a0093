// What a stage measured, by name: read from the document that its command printed.
//
//   const std::map<std::string, Measure> measures = measures_of(document);
//   measures.at("robust_accuracy").value
#pragma once

#include <map>
#include <optional>
#include <string>

#include "faultline/data/json.h"
#include "faultline/statistics/proportion.h"

namespace faultline {

struct Measure {
  double value = 0;
  std::optional<Interval> interval{};  ///< 95 %; none where the command gives none.
};

/// By schema: of attacks `clean_accuracy`, `robust_accuracy`, `adversarial_errors`, `warnings`, `rejected`; of curves
/// also `robust_accuracy@EPSILON` for each point, `area`, and `median_distance` where half of the samples fail; of
/// corruptions `clean_accuracy`, `mean_accuracy`, `worst_accuracy`, `accuracy.NAME`, `calibration_error`; of fuzzing
/// `seeds_broken`, `broken_share`, `findings`, `clusters`, in contract mode `findings`, `silent_answers`,
/// `sound_inputs_refused`; of replays `failed`, `findings`, `verdict.WORD` for each
/// verdict. Empty for a schema that it does not know.
[[nodiscard]] std::map<std::string, Measure> measures_of(const Json& document);

/// Whether measures of this name come with an interval.
[[nodiscard]] bool has_interval(const std::string& measure);

/// Whether a lower value is a worse one, so that drops can be limited.
[[nodiscard]] bool falls_when_worse(const std::string& measure);

/// Why no stage of this kind has such a measure, with the nearest that it has; empty: it may have it.
[[nodiscard]] std::string problem_of_measure(const std::string& kind, const std::string& measure);

/// {"value"} or {"value", "low", "high"}.
[[nodiscard]] Json measure_json(const Measure& measure);

/// The measure of such an object. Throws nlohmann::json::exception when it is none.
[[nodiscard]] Measure measure_from(const Json& json);

/// With at most four digits behind the point, which is more than any of our intervals settles.
[[nodiscard]] std::string figure(double value);

/// "0.91 (0.8848 .. 0.9307)".
[[nodiscard]] std::string figure(const Interval& interval);
[[nodiscard]] std::string figure(const Measure& measure);

}  // namespace faultline
