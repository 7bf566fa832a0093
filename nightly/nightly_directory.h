// Where a nightly run lies: its plan as it was read (OUT/plan.toml) and what it was compared with (OUT/baseline.json),
// and of each stage OUT/stages/ID (the command's own run directory) and OUT/stages/ID.json (that it has ended, and what
// it printed). Every report can be made again from these.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "faultline/data/json.h"
#include "faultline/nightly/plan_file.h"
#include "faultline/nightly/stage_result.h"

namespace faultline {

/// How a stage ended.
struct FinishedStage {
  int exit_code = 0;
  Json document{};        ///< Null when it ended without.
  std::string problem{};  ///< Then why, in one line; --resume runs it again.
};

class NightlyDirectory {
 public:
  explicit NightlyDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] std::filesystem::path stage_folder(const std::string& id) const { return path_ / "stages" / id; }

  /// Of run.json: which plan it is, on which models, with which changes, begun when; null when there is none.
  [[nodiscard]] Json identity() const;

  /// The plan of the run, with the changes that were made to it. Throws Error (kUsage) when this is no directory of a
  /// nightly run, or its plan is no longer what it was.
  [[nodiscard]] PlanFile plan() const;

  /// What the run changed in its plan; nothing when this is no directory of a nightly run. Throws Error (kUsage) when
  /// run.json is damaged.
  [[nodiscard]] std::vector<PlanChange> changes() const;

  /// What a stage came to. Throws Error (kUsage) when its files are damaged or of another command.
  [[nodiscard]] StageResult stage(const StageRun& run) const;

  /// What the stages of the plan came to; of one that has not ended, that it has not. They refer to the plan.
  [[nodiscard]] std::vector<StageResult> stages(const PlanFile& plan) const;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path plan_file() const { return path_ / "plan.toml"; }
  [[nodiscard]] std::filesystem::path baseline_file() const { return path_ / "baseline.json"; }
  [[nodiscard]] std::filesystem::path summary_file() const { return path_ / "summary.json"; }

  /// Whether a command has begun to write its run directory, so that it can be resumed.
  [[nodiscard]] bool has_begun(const std::string& id) const;

  /// Nothing when nothing is known of its end. Throws Error (kUsage) for a file that is no stage's.
  [[nodiscard]] std::optional<FinishedStage> finished(const std::string& id) const;

  /// All that have ended with a document, by id.
  [[nodiscard]] std::map<std::string, FinishedStage> finished() const;

  /// Writes that a stage has ended, whole or not at all.
  void finish(const std::string& id, const FinishedStage& stage) const;

  /// Makes the folder of a stage that begins anew empty.
  void clear(const std::string& id) const;

 private:
  std::filesystem::path path_;
};

}  // namespace faultline
