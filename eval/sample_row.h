// One line of samples.jsonl: what became of one sample. Holds no times, workers or paths, so that equal runs give equal
// lines.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "faultline/core/batch.h"
#include "faultline/core/verifier.h"
#include "faultline/data/json.h"
#include "faultline/eval/plan.h"

namespace faultline {

/// What one attack (or, on a curve, one probe) came to, for one sample.
/// kOutOfReach: it was not run, because the sample is farther from failing than it is meant for.
enum class Outcome { kNothing, kFound, kNearTie, kRejected, kOutOfReach };

/// The oracle that a witness fails.
struct FailedOracle {
  std::string text{};                     ///< With its options; empty: misclassification, or the goal.
  std::string label_source = "data set";  ///< Who says what the class should be.
  bool operator==(const FailedOracle&) const = default;
};

/// The distance of a witness where no norm measures the change.
constexpr double kNoDistance = std::numeric_limits<double>::quiet_NaN();

struct SampleRow {
  enum class Status { kRobust, kFound, kCleanError, kNotAttempted };

  SampleId id{};
  std::int64_t label = 0;
  std::string group{};  ///< Of the data's groups; empty: it has none.
  CleanVerdict clean{};
  Status status = Status::kRobust;
  std::vector<Outcome> attempts{};       ///< Per attack of the ensemble (attack) or per probe (curve), in order.
  std::optional<std::int64_t> target{};  ///< The class aimed at.
  std::int64_t attack = -1;              ///< Number of the attack that found the witness.
  Verdict verdict{};                     ///< Of the witness, when found.
  std::string witness{};                 ///< Its content hash.
  std::optional<bool> eight_bits{};      ///< Of a budget's witness: whether it still fails rounded to 8 bits.
  FailedOracle oracle{};                 ///< That the witness fails.
  Json recipe{};                         ///< How transforms made it (recipe_json.h); null when they did not.
};

/// The line, without line end.
[[nodiscard]] std::string to_line(const SampleRow& row);

/// Throws Error (kUsage) when the line is no row.
[[nodiscard]] SampleRow from_line(const std::string& line);

/// The sample's distance on a curve: 0 for a clean error, +infinity when nothing was found.
[[nodiscard]] double distance_of(const SampleRow& row);

}  // namespace faultline
