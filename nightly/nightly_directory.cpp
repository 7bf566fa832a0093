#include "faultline/nightly/nightly_directory.h"

#include <array>

#include "faultline/core/error.h"
#include "faultline/data/file.h"
#include "faultline/nightly/json_file.h"
#include "faultline/nightly/plan_change.h"

namespace faultline {

namespace {

constexpr const char* kEnding = ".json";

/// Throws Error (kUsage) for what no command of the stage's kind prints.
void refuse_other_document(const Json& document, const StageRun& run, const std::string& file) {
  const std::string schema = document.is_object() && document.contains("schema") && document.at("schema").is_string()
                                 ? document.at("schema").get<std::string>()
                                 : "";
  const std::string kind = is_contract(*run.stage) ? "contract" : run.stage->kind;
  if (schema != "faultline." + kind + "/1") {
    refuse(file, "it holds no document of a stage of kind " + run.stage->kind + "; remove it to run the stage again");
  }
}

FinishedStage read(const std::filesystem::path& path) {
  const Json json = read_json_file(path);
  try {
    return {.exit_code = integer<int>(json.at("exit_code")),
            .document = json.at("document"),
            .problem = json.value("problem", "")};
  } catch (const nlohmann::json::exception&) {
    refuse(path.string(), "it does not say how a stage ended; remove it to run the stage again");
  }
}

}  // namespace

Json NightlyDirectory::identity() const {
  if (!std::filesystem::exists(path_ / "run.json")) {
    return {};
  }
  const Json json = read_json_file(path_ / "run.json");
  const Json plan = json.is_object() ? json.value("plan", Json()) : Json();
  const auto has_text = [&](const char* key) { return plan.contains(key) && plan.at(key).is_string(); };
  return plan.is_object() && plan.contains("changes") && has_text("sha256") && has_text("file") && has_text("begun")
             ? plan
             : Json();
}

PlanFile NightlyDirectory::plan() const {
  const Json identity = this->identity();
  if (identity.is_null()) {
    refuse(path_.string(), "no nightly run in it; expected the --out directory of `faultline run`");
  }
  PlanFile plan = read_plan_file(plan_file());
  if (identity.value("sha256", "") != plan.sha256) {
    refuse(plan_file().string(), "it was changed after the run began");
  }
  plan.path = identity.value("file", plan.path.string());
  for (const PlanChange& change : changes()) {
    if (plan.stage(change.stage) == nullptr) {
      refuse(path_.string(), "run.json changes a stage that the plan does not have");
    }
    apply_change(plan, change);
  }
  return plan;
}

std::vector<PlanChange> NightlyDirectory::changes() const {
  const Json identity = this->identity();
  try {
    return identity.is_null() ? std::vector<PlanChange>() : changes_from(identity.at("changes"));
  } catch (const nlohmann::json::exception&) {
    refuse((path_ / "run.json").string(), "it does not say what the run changed in its plan");
  }
}

StageResult NightlyDirectory::stage(const StageRun& run) const {
  StageResult result{.run = run, .problem = "it has not been run to its end", .folder = stage_folder(run.id)};
  if (std::optional<FinishedStage> stage = finished(run.id)) {
    result.document = std::move(stage->document);
    result.exit_code = stage->exit_code;
    result.problem = stage->problem;
  }
  if (!result.document.is_null()) {
    refuse_other_document(result.document, run, stage_folder(run.id).string() + kEnding);
    result.comparable = comparable_of(result.document, result.folder);
  }
  return result;
}

std::vector<StageResult> NightlyDirectory::stages(const PlanFile& plan) const {
  std::vector<StageResult> results;
  for (const StageRun& run : stage_runs(plan)) {
    results.push_back(stage(run));
  }
  return results;
}

bool NightlyDirectory::has_begun(const std::string& id) const {
  return std::filesystem::exists(stage_folder(id) / "run.json");
}

std::optional<FinishedStage> NightlyDirectory::finished(const std::string& id) const {
  const std::filesystem::path path = stage_folder(id).string() + kEnding;
  return std::filesystem::exists(path) ? std::optional(read(path)) : std::nullopt;
}

std::map<std::string, FinishedStage> NightlyDirectory::finished() const {
  std::map<std::string, FinishedStage> stages;
  const std::filesystem::path folder = path_ / "stages";
  if (!std::filesystem::is_directory(folder)) {
    return stages;
  }
  for (const std::filesystem::directory_entry& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == kEnding) {
      if (FinishedStage stage = read(entry.path()); !stage.document.is_null()) {
        stages[entry.path().stem().string()] = std::move(stage);
      }
    }
  }
  return stages;
}

void NightlyDirectory::finish(const std::string& id, const FinishedStage& stage) const {
  Json json{{"exit_code", stage.exit_code}, {"document", stage.document}};
  if (stage.document.is_null()) {
    json["problem"] = stage.problem;
  }
  const std::string text = json_text(json);
  write_file(stage_folder(id).string() + kEnding, std::array{std::as_bytes(std::span(text))});
}

void NightlyDirectory::clear(const std::string& id) const {
  std::error_code status;
  std::filesystem::remove_all(stage_folder(id), status);
  if (!status) {
    std::filesystem::create_directories(stage_folder(id).parent_path(), status);
  }
  if (status) {
    throw Error{ErrorCode::kUsage, stage_folder(id).string() + ": cannot be made empty: " + status.message()};
  }
}

}  // namespace faultline
