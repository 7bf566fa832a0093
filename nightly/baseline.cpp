#include "faultline/nightly/baseline.h"

#include "faultline/data/file.h"
#include "faultline/nightly/nightly_directory.h"

namespace faultline {

namespace {

constexpr const char* kSchema = "faultline.baseline/1";
constexpr std::uintmax_t kLargestFile = 256 << 20;

Comparable comparable_from(const Json& json) {
  Comparable comparable{.setting = json.at("setting").get<std::string>()};
  for (const auto& [name, measure] : json.at("measures").items()) {
    comparable.measures[name] = measure_from(measure);
  }
  if (json.contains("samples")) {
    SampleOutcomes outcomes;
    for (const Json& id : json.at("samples")) {
      outcomes.ids.push_back(id.get<std::string>());
    }
    outcomes.failing.assign(outcomes.ids.size(), false);
    for (const auto place : integers<std::size_t>(json.at("failing"))) {
      outcomes.failing.at(place) = true;
    }
    comparable.outcomes = std::move(outcomes);
  }
  return comparable;
}

Baseline read_file(const std::filesystem::path& path) {
  const MappedFile file(path);
  if (file.bytes().size() > kLargestFile) {
    refuse(path.string(), "larger than 256 MiB; this is no baseline");
  }
  const Json json = parse_json({reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()});
  Baseline baseline;
  try {
    if (json.at("schema") != kSchema) {
      refuse(path.string(), std::string("expected the schema ") + kSchema);
    }
    for (const auto& [id, stage] : json.at("stages").items()) {
      baseline[id] = comparable_from(stage);
    }
  } catch (const nlohmann::json::exception&) {
    refuse(path.string(), "no baseline; make one with faultline baseline update");
  } catch (const std::out_of_range&) {
    refuse(path.string(), "no baseline: a failing sample is none of its samples");
  }
  return baseline;
}

}  // namespace

Baseline baseline_of(const std::vector<StageResult>& stages) {
  Baseline baseline;
  for (const StageResult& stage : stages) {
    if (!stage.document.is_null()) {
      baseline[stage.run.id] = stage.comparable;
    }
  }
  return baseline;
}

Json baseline_json(const Baseline& baseline) {
  Json json{{"schema", kSchema}, {"stages", Json::object()}};
  for (const auto& [id, stage] : baseline) {
    Json entry{{"setting", stage.setting}, {"measures", Json::object()}};
    for (const auto& [name, measure] : stage.measures) {
      entry["measures"][name] = measure_json(measure);
    }
    if (const std::optional<SampleOutcomes>& outcomes = stage.outcomes) {
      entry["samples"] = outcomes->ids;
      entry["failing"] = Json::array();
      for (std::size_t place = 0; place < outcomes->failing.size(); ++place) {
        if (outcomes->failing[place]) {
          entry["failing"].push_back(place);
        }
      }
    }
    json["stages"][id] = std::move(entry);
  }
  return json;
}

Baseline read_baseline(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) {
    return read_file(path);
  }
  Baseline baseline;
  for (const auto& [id, stage] : NightlyDirectory(path).finished()) {
    if (!stage.document.is_null()) {
      baseline[id] = comparable_of(stage.document, NightlyDirectory(path).stage_folder(id));
    }
  }
  if (baseline.empty()) {
    refuse(path.string(), "no finished stage in it; expected the directory of a `faultline run`");
  }
  return baseline;
}

}  // namespace faultline
