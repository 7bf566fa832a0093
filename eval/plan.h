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
  std::vector<std::string> class_names{};  ///< Or none; not part of the hash.
};

/// What the attacker wants.
struct Goal {
  enum class Kind { kUntargeted, kClass, kRandom, kLeastLikely };
  Kind kind = Kind::kUntargeted;
  std::int64_t target = -1;  ///< The class, for kClass.
};

struct AttackPlan {
  std::string name{};
  bool transforms = false;            ///< A search over transforms, which no budget bounds.
  std::vector<OptionInfo> options{};  ///< Every option with its value.
  std::string spec{};                 ///< As it was written; not part of the hash, as what follows.
  bool knows_scores_only = false;     ///< Whether it asks for no gradient.
};

/// The preset that the attacks of a plan are those of.
struct PresetPlan {
  std::string name{};
  int version = 0;
};

/// A parameter of a transform that a curve runs over.
struct CurveAxis {
  std::string name{};            ///< "rotate.degrees".
  std::string unit{};            ///< "degrees"; empty: a plain number.
  double start = 0;              ///< The value that changes nothing: magnitude 0.
  std::vector<double> signs{1};  ///< Which way from there: {1}, {-1} or {-1, 1}.

  /// The values at a magnitude, rising.
  [[nodiscard]] std::vector<double> at(double magnitude) const;
};

/// How a curve searches for distances.
struct CurvePlan {
  std::vector<double> at{};         ///< Probed exactly; rising.
  double epsilon_max = 0;           ///< Nothing is looked for beyond it.
  double tolerance = 0.02;          ///< A distance is settled when a failed probe lies within this share below it.
  std::optional<CurveAxis> over{};  ///< The parameter of a transform that takes the place of epsilon.
};

struct Plan {
  std::string command{};  ///< "attack" or "curve".
  ModelPlan model{};
  DataPlan data{};
  std::optional<Norm> norm{};  ///< None: only transforms, and no norm measures them.
  double epsilon = 0;          ///< For `attack`; of attacks that are no transforms.
  Goal goal{};
  std::vector<AttackPlan> attacks{};
  std::optional<PresetPlan> preset{};
  std::optional<CurvePlan> curve{};
  std::uint64_t seed = 0;

  /// Whether a norm and epsilon bound any of its attacks: not so when all search over transforms.
  [[nodiscard]] bool has_budget() const;
};

/// "untargeted", "random", "least-likely" or the number of the class.
[[nodiscard]] std::string goal_text(const Goal& goal);

/// {"name", "version"}, or null.
[[nodiscard]] Json preset_json(const std::optional<PresetPlan>& preset);

/// The whole plan, for run.json.
[[nodiscard]] Json plan_json(const Plan& plan);

/// The hash of a plan as JSON with "model" and "data": everything in it but where these two lie.
[[nodiscard]] std::string hash_of_plan(Json plan);

/// Where two plans differ, as JSON.
struct PlanDifference {
  std::string place{};  ///< "threat/epsilon".
  std::string first{};
  std::string second{};
};

/// The first place, paths of model and data left out, as in plan_hash; nothing when there is none.
[[nodiscard]] std::optional<PlanDifference> first_difference(Json first, Json second);

/// 16 hexadecimal digits over everything that affects results: not the paths, but the hashes of what they hold.
[[nodiscard]] std::string plan_hash(const Plan& plan);

}  // namespace faultline
