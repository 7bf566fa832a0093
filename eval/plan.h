// The plan of a run: every value that affects results, resolved. Its hash identifies the run.
//
//   Plan plan = ...;
//   std::string id = plan_hash(plan);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "faultline/core/dataset.h"
#include "faultline/core/norm.h"
#include "faultline/core/options.h"
#include "faultline/core/threat_model.h"
#include "faultline/data/json.h"

namespace faultline {

struct ModelPlan {
  std::string path{};  ///< As the user wrote it; not part of the hash.
  std::string sha256{};
  std::optional<std::string> output{};
  bool binary = false;
  std::vector<double> mean{};
  std::vector<double> std{};
};

struct DataPlan {
  std::string source{};  ///< As the user wrote it; not part of the hash.
  std::string sha256{};
  std::int64_t offset = 0;
  std::int64_t samples = 0;
  DataOptions options{};
};

/// What the attacker wants.
struct Goal {
  enum class Kind { kUntargeted, kClass, kRandom, kLeastLikely };
  Kind kind = Kind::kUntargeted;
  std::int64_t target = -1;  ///< The class, for kClass.
};

struct AttackPlan {
  std::string name{};
  std::vector<OptionInfo> options{};  ///< Every option with its value.
};

/// How a curve searches for distances.
struct CurvePlan {
  std::vector<double> at{};  ///< Probed exactly; rising.
  double epsilon_max = 0;    ///< Nothing is looked for beyond it.
  double tolerance = 0.02;   ///< A distance is settled when a failed probe lies within this share below it.
};

struct Plan {
  std::string command{};  ///< "attack" or "curve".
  ModelPlan model{};
  DataPlan data{};
  Norm norm = Norm::kLinf;
  double epsilon = 0;  ///< For `attack`.
  Goal goal{};
  std::vector<AttackPlan> attacks{};
  std::optional<CurvePlan> curve{};
  std::uint64_t seed = 0;
};

/// "untargeted", "random", "least-likely" or the number of the class.
[[nodiscard]] std::string goal_text(const Goal& goal);

/// The whole plan, for run.json.
[[nodiscard]] Json plan_json(const Plan& plan);

/// 16 hexadecimal digits over everything that affects results: not the paths, but the hashes of what they hold.
[[nodiscard]] std::string plan_hash(const Plan& plan);

}  // namespace faultline
