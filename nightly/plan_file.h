// The file of a nightly run: models, data, stages, gates, reports. What a stage's keys mean is the business of the
// command that it runs: they are the command's flags without dashes.
//
//   const PlanFile plan = read_plan_file("plan.toml");
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faultline/core/error.h"

namespace faultline {

/// A key of the file with what stands behind it, as words for a command line.
struct PlanSetting {
  std::string key{};
  std::vector<std::string> values{};  ///< Of a list several; of `true` none: a flag without value.
  int line = 0;
  bool off = false;  ///< `false`: not set, whatever data or model say.
};

struct PlanModel {
  std::string name{};  ///< Of the file unless the plan says another; unique.
  std::string path{};  ///< As written.
  std::vector<PlanSetting> settings{};
  int line = 0;
};

struct PlanData {
  std::string source{};
  std::vector<PlanSetting> settings{};
  int line = 0;
};

struct PlanStage {
  std::string name{};                 ///< Unique; letters, digits, - and _: it names files.
  std::string kind{};                 ///< The command: attack, curve, corruptions, fuzz or replay.
  std::string corpus{};               ///< Of replay, what it replays; elsewhere a setting.
  std::vector<std::string> models{};  ///< Empty: all of them.
  std::vector<PlanSetting> settings{};
  int line = 0;
};

/// A limit on what a stage measures.
struct Gate {
  enum class Kind { kMin, kMax, kMaxDrop, kMaxRelativeDrop, kNoNewFailures, kCorpusMustPass };
  enum class On { kPoint, kInterval };
  enum class Level { kFail, kWarn, kInfo };

  std::string name{};  ///< "linf: robust_accuracy >= 0.9" unless the plan says another; unique.
  std::string stage{};
  std::string measure{};  ///< Of kMin .. kMaxRelativeDrop: "robust_accuracy" ...
  std::string model{};    ///< Empty: each model of the stage for itself.
  Kind kind = Kind::kMin;
  double limit = 0;
  On on = On::kPoint;
  Level level = Level::kFail;
  bool inconclusive_fails = false;
  int line = 0;
};

/// A value that a run puts in the place of what the plan says.
struct PlanChange {
  std::string stage{};
  std::string key{};
  std::vector<std::string> values{};  ///< Of a flag without value none.
  std::string before{};               ///< What the plan says, or what holds without; for people.
  std::string why{};                  ///< "--limit", "--time 10m".
};

struct PlanFile {
  std::filesystem::path path{};
  std::string sha256{};    ///< Of the bytes that were read.
  std::string goal{};      ///< What the run is for, in the user's words.
  std::string baseline{};  ///< File that `baseline update` writes and gates compare with; as written.
  std::vector<PlanModel> models{};
  PlanData data{};
  std::vector<PlanStage> stages{};
  std::vector<Gate> gates{};
  std::vector<PlanChange> changes{};  ///< Applied to the stages.

  [[nodiscard]] std::filesystem::path folder() const;
  [[nodiscard]] const PlanStage* stage(std::string_view name) const;
  /// The models of a stage, in the plan's order.
  [[nodiscard]] std::vector<const PlanModel*> models_of(const PlanStage& stage) const;
};

/// Puts the value in its stage and notes that it did. Precondition: the plan has the stage.
void apply_change(PlanFile& plan, const PlanChange& change);

/// Error (kUsage) that begins with "plan.toml:12: ".
[[nodiscard]] Error plan_error(const PlanFile& plan, int line, const std::string& message);

/// Throws Error (kUsage) with file and line for what is no TOML, an unknown key or name, a wrong type, a missing key.
[[nodiscard]] PlanFile read_plan_file(const std::filesystem::path& path);

}  // namespace faultline
