#include "faultline/eval/corruption_summary.h"

#include "faultline/core/error.h"
#include "faultline/corpus/json_fields.h"
#include "faultline/data/file.h"
#include "faultline/eval/document.h"

namespace faultline {

namespace {

constexpr const char* kCorruptionSchema = "faultline.corruptions/1";
constexpr std::size_t kLargestBaseline = std::size_t{16} * 1024 * 1024;

Json cell_json(const CorruptionCell& cell) {
  return {{"errors", cell.samples - cell.right},
          {"accuracy", interval_json(cell.accuracy())},
          {"calibration_error", cell.calibration.error()},
          {"near_ties", cell.near_ties},
          {"not_finite", cell.not_finite}};
}

}  // namespace

CorruptionBaseline read_corruption_baseline(const std::filesystem::path& path, const CorruptionProfile& profile) {
  const std::filesystem::path file = std::filesystem::is_directory(path) ? path / "summary.json" : path;
  const MappedFile mapped(file);
  if (mapped.bytes().size() > kLargestBaseline) {
    refuse(file.string(), "is larger than a summary can be (16 MB)");
  }
  const std::string_view text(reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size());
  const Json json = parse_json(text);
  if (!has_schema(json, kCorruptionSchema)) {
    refuse(file.string(), std::string("is no summary of schema ") + kCorruptionSchema);
  }
  CorruptionBaseline baseline{.path = path.string()};
  try {
    if (json.at("profile").at("name") != profile.name) {
      refuse(file.string(), "is of profile " + json["profile"]["name"].dump() + ", this run is of " + profile.name);
    }
    baseline.clean_error = 1 - json.at("clean").at("accuracy").at("value").get<double>();
    for (const Json& row : json.at("corruptions")) {
      baseline.mean_errors[row.at("name").get<std::string>()] = row.at("mean_error").get<double>();
    }
  } catch (const nlohmann::json::exception&) {
    refuse(file.string(), "lacks a field, or has one of the wrong type");
  }
  return baseline;
}

CorruptionRatio compared(const CorruptionResult& result, const CorruptionBaseline& baseline) {
  CorruptionRatio ratio;
  double lost = 0;
  int counted = 0;
  int losing = 0;
  for (const CorruptionRow& row : result.rows) {
    const auto reference = baseline.mean_errors.find(row.corruption.name);
    if (row.corruption.extra || reference == baseline.mean_errors.end()) {
      continue;
    }
    if (reference->second > 0) {
      ratio.mean_corruption_error += row.mean_error() / reference->second;
      ++counted;
    }
    if (reference->second > baseline.clean_error) {
      lost += (row.mean_error() - result.clean.error()) / (reference->second - baseline.clean_error);
      ++losing;
    }
  }
  ratio.mean_corruption_error = counted == 0 ? 1 : ratio.mean_corruption_error / counted;
  if (losing > 0) {
    ratio.relative_error = lost / losing;
  }
  return ratio;
}

WorstCell worst_cell(const CorruptionResult& result) {
  WorstCell worst;
  double highest = -1;
  for (std::size_t row = 0; row < result.rows.size(); ++row) {
    for (int severity = 1; severity <= kSeverities; ++severity) {
      const double error = result.rows[row].cells.at(static_cast<std::size_t>(severity - 1)).error();
      if (error > highest) {
        highest = error;
        worst = {row, severity};
      }
    }
  }
  return worst;
}

Json corruption_json(const CorruptionProfile& profile, const CorruptionResult& result,
                     const StoredCorruptions* stored) {
  Json json{
      {"profile",
       {{"name", profile.name}, {"side", profile.side}, {"rendered", stored == nullptr ? "in memory" : "stored"}}}};
  json["stored"] = stored == nullptr ? Json(nullptr) : Json{{"source", stored->source}, {"sha256", stored->sha256}};
  json["samples"] = result.clean.samples;
  json["clean"] = cell_json(result.clean);
  json["mean_accuracy"] = 1 - result.mean_corruption_error();
  json["mean_corruption_error"] = result.mean_corruption_error();
  json["intervals"] = {{"mean_accuracy", interval_json(result.mean_accuracy())},
                       {"calibration_error", interval_json(calibration_error(result.clean_predictions))}};
  json["calibration_error_by_severity"] = Json::array();
  for (int severity = 1; severity <= kSeverities; ++severity) {
    json["calibration_error_by_severity"].push_back(result.mean_calibration_error(severity));
  }
  const WorstCell worst = worst_cell(result);
  const CorruptionRow& worst_row = result.rows.at(worst.row);
  json["worst"] = {
      {"corruption", worst_row.corruption.name},
      {"severity", worst.severity},
      {"accuracy", interval_json(worst_row.cells.at(static_cast<std::size_t>(worst.severity - 1)).accuracy())}};
  json["corruptions"] = Json::array();
  for (const CorruptionRow& row : result.rows) {
    Json entry{{"name", row.corruption.name}, {"mutator", row.corruption.mutator}, {"extra", row.corruption.extra}};
    entry["mean_error"] = row.mean_error();
    entry["severities"] = Json::array();
    for (const CorruptionCell& cell : row.cells) {
      entry["severities"].push_back(cell_json(cell));
    }
    json["corruptions"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace faultline
