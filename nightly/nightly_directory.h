// Where the stages of a nightly run lie: OUT/stages/ID (the command's own run directory) and OUT/stages/ID.json (that
// it has ended, and what it printed).
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "faultline/data/json.h"

namespace faultline {

/// How a stage ended.
struct FinishedStage {
  int exit_code = 0;
  Json document{};  ///< Null when it ended without.
};

class NightlyDirectory {
 public:
  explicit NightlyDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] std::filesystem::path stage_folder(const std::string& id) const { return path_ / "stages" / id; }

  /// Of the plan that run.json names; empty when there is none.
  [[nodiscard]] std::string plan_sha256() const;

  /// Whether a command has begun to write its run directory, so that it can be resumed.
  [[nodiscard]] bool has_begun(const std::string& id) const;

  /// Nothing when it has not ended. Throws Error (kUsage) for a file that is no stage's.
  [[nodiscard]] std::optional<FinishedStage> finished(const std::string& id) const;

  /// All that have ended, by id.
  [[nodiscard]] std::map<std::string, FinishedStage> finished() const;

  /// Writes that a stage has ended, whole or not at all.
  void finish(const std::string& id, const FinishedStage& stage) const;

  /// Makes the folder of a stage that begins anew empty.
  void clear(const std::string& id) const;

 private:
  std::filesystem::path path_;
};

}  // namespace faultline
