#include "faultline/nightly/stage_result.h"

#include <fstream>

#include "faultline/core/hash.h"
#include "faultline/data/file.h"
#include "faultline/data/sha256.h"
#include "faultline/eval/sample_row.h"
#include "faultline/nightly/json_file.h"

namespace faultline {

namespace {

template <typename Fails>
SampleOutcomes outcomes_of(const std::vector<SampleRow>& rows, Fails&& fails) {
  SampleOutcomes outcomes;
  for (const SampleRow& row : rows) {
    outcomes.ids.push_back(std::to_string(row.id.index) + ":" + to_hex(row.id.hash));
    outcomes.failing.push_back(fails(row));
  }
  return outcomes;
}

}  // namespace

namespace {

Comparable read_comparable(const Json& document, const std::filesystem::path& directory) {
  Comparable comparable{.measures = measures_of(document)};
  if (std::filesystem::exists(directory / "run.json")) {
    comparable.plan = read_json_file(directory / "run.json").at("plan");
    comparable.plan["model"] = Json::object();      // the model is what a comparison is about
    if (!comparable.plan.at("data").is_object()) {  // of corruptions: the source alone
      comparable.plan["data"] = document.at("data");
    }
    comparable.setting = hash_of_plan(comparable.plan);
  }
  if (const std::vector<SampleRow> rows = rows_of(directory); !rows.empty()) {
    using Status = SampleRow::Status;
    comparable.outcomes = outcomes_of(
        rows, [](const SampleRow& row) { return row.status == Status::kFound || row.status == Status::kCleanError; });
    comparable.clean_outcomes =
        outcomes_of(rows, [](const SampleRow& row) { return row.status == Status::kCleanError; });
  }
  return comparable;
}

}  // namespace

std::vector<SampleRow> rows_of(const std::filesystem::path& directory) {
  std::vector<SampleRow> rows;
  std::ifstream stream(directory / "samples.jsonl");
  for (std::string line; std::getline(stream, line);) {
    rows.push_back(from_line(line));
  }
  std::ranges::sort(rows, {}, [](const SampleRow& row) { return row.id.index; });
  return rows;
}

Comparable comparable_of(const Json& document, const std::filesystem::path& directory) {
  try {
    return read_comparable(document, directory);
  } catch (const nlohmann::json::exception&) {
    refuse(directory.string(), "its files are damaged, or of another version of this program");
  }
}

std::optional<PairedCounts> pair_up(const SampleOutcomes& before, const SampleOutcomes& now) {
  if (before.ids != now.ids) {
    return std::nullopt;
  }
  PairedCounts counts{.samples = std::ssize(before.ids)};
  for (std::size_t i = 0; i < before.ids.size(); ++i) {
    counts.broken += now.failing[i] && !before.failing[i] ? 1 : 0;
    counts.mended += before.failing[i] && !now.failing[i] ? 1 : 0;
  }
  return counts;
}

}  // namespace faultline
