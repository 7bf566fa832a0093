#include "faultline/report/html_stage.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "faultline/eval/sanity.h"
#include "faultline/report/command_line.h"
#include "faultline/report/finding_pictures.h"
#include "faultline/report/html_text.h"

namespace faultline {

namespace {

using kainjow::mustache::data;
using kainjow::mustache::list;
using kainjow::mustache::object;

constexpr std::size_t kPictures = 6;  // of one stage

std::string words_text(const std::vector<std::string>& words) {
  std::string text = "faultline";
  for (const std::string& word : words) {
    text += " " + shell_word(visible_text(word));
  }
  return text;
}

/// The stage as a command, without --json; on one sample when one is named.
std::string command_text(const PlanFile& plan, const StageRun& run, std::optional<std::int64_t> sample) {
  StageChanges changes;
  if (sample) {
    changes.settings = {{"offset", {std::to_string(*sample)}, 0}, {"limit", {"1"}, 0}};
  }
  std::vector<std::string> words = command_words(plan, run, changes);
  words.pop_back();
  return words_text(words);
}

std::string interval_text(const std::string& measure, const Measure& value) {
  return value.interval
             ? measure_figure(measure, value.interval->low) + " to " + measure_figure(measure, value.interval->high)
             : "";
}

list measure_list(const StageResult& stage) {
  list measures;
  for (const auto& [name, measure] : stage.comparable.measures) {
    object one;
    one["name"] = visible_text(name);
    one["value"] = measure_figure(name, measure.value);
    one["interval"] = interval_text(name, measure);
    measures.push_back(one);
  }
  return measures;
}

/// Samples of one class or group.
struct Share {
  std::string name{};
  std::int64_t samples = 0;
  std::int64_t clean = 0;   ///< Right on the clean input.
  std::int64_t robust = 0;  ///< And under every attack.
};

void count(Share& share, const SampleRow& row) {
  const bool clean = row.status != SampleRow::Status::kCleanError;
  ++share.samples;
  share.clean += clean ? 1 : 0;
  share.robust += clean && row.status != SampleRow::Status::kFound ? 1 : 0;
}

/// One line per class or group, none when there are too many to read.
template <typename Shares>
list share_list(const Shares& shares) {
  constexpr std::size_t kMostShares = 50;
  list lines;
  for (const auto& [key, share] : shares) {
    if (shares.size() > kMostShares) {
      break;
    }
    object line;
    line["name"] = visible_text(share.name);
    line["samples"] = std::to_string(share.samples);
    line["clean"] = share_text(share.clean, share.samples);
    line["robust"] = share_text(share.robust, share.samples);
    lines.push_back(line);
  }
  return lines;
}

list class_list(const std::vector<SampleRow>& rows, const Json& document) {
  const Json names = document.value("data", Json::object()).value("classes", Json::array());
  std::map<std::int64_t, Share> shares;
  for (const SampleRow& row : rows) {
    Share& share = shares[row.label];
    const auto place = static_cast<std::size_t>(row.label);
    share.name = std::to_string(row.label) + (place < names.size() ? " " + names[place].get<std::string>() : "");
    count(share, row);
  }
  return share_list(shares);
}

list group_list(const std::vector<SampleRow>& rows) {
  std::map<std::string, Share> shares;
  for (const SampleRow& row : rows) {
    if (!row.group.empty()) {
      shares[row.group].name = row.group;
      count(shares[row.group], row);
    }
  }
  return share_list(shares);
}

/// "steps 40, restarts 1"
std::string options_text(const Json& options) {
  std::string text;
  for (const auto& [name, value] : options.items()) {
    text += (text.empty() ? "" : ", ") + name + " " + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return visible_text(text);
}

list attack_list(const Json& document) {
  list attacks;
  for (const Json& attack : document.value("attacks", Json::array())) {
    object one;
    one["name"] = visible_text(attack.at("name").get<std::string>());
    one["options"] = options_text(attack.value("options", Json::object()));
    for (const char* key : {"attempted", "found", "forwards", "backwards"}) {
      one[key] = attack.at(key).dump();
    }
    attacks.push_back(one);
  }
  return attacks;
}

list check_list(const Json& document) {
  list checks;
  std::set<std::string> fired;
  for (const Json& warning : document.value("warnings", Json::array())) {
    object one;
    one["class"] = "open";
    one["mark"] = "WARN";
    one["text"] = visible_text(warning.at("message").get<std::string>());
    checks.push_back(one);
    fired.insert(warning.at("check").get<std::string>());
  }
  const Json sanity = document.value("sanity", Json::object());
  for (const Json& check : sanity.value("checks", Json::array())) {
    const auto name = check.get<std::string>();
    if (const std::string meaning = meaning_of_check(name); !fired.contains(name) && !meaning.empty()) {
      object one;
      one["class"] = "passed";
      one["mark"] = "PASS";
      one["text"] = meaning;
      checks.push_back(one);
    }
  }
  return checks;
}

/// What a stage did, in one line.
std::string what_text(const StageResult& stage) {
  const Json& document = stage.document;
  std::string text = stage.run.stage->kind;
  if (document.is_object() && document.contains("samples")) {
    text += ", " + document.at("samples").dump() + " samples";
  }
  const Json threat = document.is_object() ? document.value("threat", Json()) : Json();
  if (threat.is_object() && threat.contains("norm")) {
    text += ", norm " + visible_text(threat.at("norm").get<std::string>());
    if (threat.contains("epsilon") && threat.at("epsilon").is_number()) {
      text += ", epsilon " + printed("%.4g", number_or_nan(threat.at("epsilon")));
    }
  }
  return text;
}

list finding_list(const PlanFile& plan, const StageResult& stage, const std::vector<SampleRow>& rows,
                  std::size_t& room) {
  list findings;
  for (const FindingPicture& finding : surest_failures(stage, rows, kPictures)) {
    object shown;
    shown["index"] = std::to_string(finding.row.id.index);
    shown["label"] = std::to_string(finding.row.label);
    shown["prediction"] = std::to_string(finding.row.verdict.prediction);
    shown["confidence"] = printed("%.0f %%", 100 * finding.row.verdict.confidence);
    if (std::isfinite(finding.row.verdict.distance)) {
      shown["distance"] = printed("%.4g", finding.row.verdict.distance);
    }
    shown["command"] = command_text(plan, stage.run, finding.row.id.index);
    if (!finding.picture.empty() && finding.picture.size() < room) {
      room -= finding.picture.size();
      shown["picture"] = finding.picture;
    }
    findings.push_back(shown);
  }
  return findings;
}

}  // namespace

void add_html_list(object& page, const std::string& name, const list& entries) {
  page["has_" + name] = !entries.empty();
  page[name] = data(entries);
}

object html_stage(const PlanFile& plan, const StageResult& stage, std::size_t& room) {
  object one;
  one["name"] = visible_text(stage.run.stage->name);
  one["model"] = visible_text(stage.run.model->name);
  one["what"] = what_text(stage);
  one["command"] = command_text(plan, stage.run, std::nullopt);
  if (stage.document.is_null()) {
    one["problem"] = visible_text(stage.problem);
    return one;
  }
  const std::vector<SampleRow> rows = rows_of(stage.folder);
  const bool is_attack = stage.run.stage->kind == "attack";
  const list findings = is_attack ? finding_list(plan, stage, rows, room) : list();
  add_html_list(one, "measures", measure_list(stage));
  add_html_list(one, "attacks", attack_list(stage.document));
  add_html_list(one, "classes", is_attack ? class_list(rows, stage.document) : list());
  add_html_list(one, "groups", is_attack ? group_list(rows) : list());
  add_html_list(one, "findings", findings);
  const auto found = std::ranges::count(rows, SampleRow::Status::kFound, &SampleRow::status);
  one["findings_note"] = std::to_string(findings.size()) + " of " + std::to_string(found) +
                         " failures; all of them lie in stages/" + visible_text(stage.run.id) +
                         "/witnesses. Each picture: clean input, changed input, difference amplified.";
  const list checks = check_list(stage.document);
  const auto warnings = stage.document.value("warnings", Json::array()).size();
  one["checks_summary"] = warnings == 0 ? std::string("all ") + std::to_string(checks.size()) + " pass"
                                        : std::to_string(warnings) + " of " + std::to_string(checks.size()) + " warn";
  add_html_list(one, "checks", checks);
  return one;
}

}  // namespace faultline
