#include "faultline/report/html_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <set>

#include <kainjow/mustache.hpp>

#include "faultline/core/error.h"
#include "faultline/eval/evidence.h"
#include "faultline/eval/sanity.h"
#include "faultline/report/command_line.h"
#include "faultline/report/finding_pictures.h"
#include "faultline/report/heatmap.h"
#include "faultline/report/plot.h"

namespace faultline {

namespace {

using kainjow::mustache::data;
using kainjow::mustache::list;
using kainjow::mustache::object;

constexpr std::size_t kLargestPage = 5'000'000;
constexpr std::size_t kPictures = 6;  // of one stage

/// What XML and HTML allow: control characters become spaces, and marks that turn the direction of writing are named.
std::string plain(const std::string& text) {
  std::string result = on_one_line(text);
  for (const std::string mark :
       {"\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac", "\xe2\x80\xad", "\xe2\x80\xae", "\xe2\x80\x8e", "\xe2\x80\x8f",
        "\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8", "\xe2\x81\xa9"}) {
    for (std::size_t at = result.find(mark); at != std::string::npos; at = result.find(mark, at)) {
      result.replace(at, mark.size(), "?");
    }
  }
  return result;
}

std::string printed(const char* format, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

/// "85.0 %" of a share, "12" of a count, "0.184" of anything else.
std::string figure(const std::string& measure, double value) {
  const bool is_share = measure.find("accuracy") != std::string::npos || measure.find("share") != std::string::npos;
  if (is_share) {
    return printed("%.1f %%", 100 * value);
  }
  return value == std::floor(value) ? printed("%.0f", value) : printed("%.4g", value);
}

std::string interval_text(const std::string& measure, const Measure& value) {
  return value.interval ? figure(measure, value.interval->low) + " to " + figure(measure, value.interval->high) : "";
}

std::string share_text(std::int64_t part, std::int64_t whole) {
  const Interval share = wilson(part, whole);
  return printed("%.1f %%", 100 * share.value) + " (" + printed("%.1f", 100 * share.low) + " to " +
         printed("%.1f", 100 * share.high) + ")";
}

object gate_object(const GateResult& result, const PlanFile& plan) {
  object gate;
  const bool passed = result.outcome == GateResult::Outcome::kPassed;
  gate["class"] = passed ? "passed" : fails(result) ? "failed" : "open";
  gate["mark"] = passed ? "kept" : result.outcome == GateResult::Outcome::kFailed ? "broken" : name_of(result.outcome);
  gate["name"] = plain(result.gate->name);
  gate["model"] = plain(result.model);
  gate["reason"] = plain(result.reason);
  gate["place"] = plain(plan.path.filename().string()) + ":" + std::to_string(result.gate->line);
  return gate;
}

std::string words_text(const std::vector<std::string>& words) {
  std::string text = "faultline";
  for (const std::string& word : words) {
    text += " " + shell_word(plain(word));
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

list measure_list(const StageResult& stage) {
  list measures;
  for (const auto& [name, measure] : stage.comparable.measures) {
    object one;
    one["name"] = plain(name);
    one["value"] = figure(name, measure.value);
    one["interval"] = interval_text(name, measure);
    measures.push_back(one);
  }
  return measures;
}

list class_list(const std::vector<SampleRow>& rows) {
  struct Count {
    std::int64_t samples = 0, clean = 0, robust = 0;
  };
  std::map<std::int64_t, Count> counts;
  for (const SampleRow& row : rows) {
    Count& count = counts[row.label];
    ++count.samples;
    count.clean += row.status == SampleRow::Status::kCleanError ? 0 : 1;
    count.robust += row.status == SampleRow::Status::kCleanError || row.status == SampleRow::Status::kFound ? 0 : 1;
  }
  constexpr std::size_t kMost = 50;
  list classes;
  for (const auto& [label, count] : counts) {
    if (counts.size() > kMost) {
      break;
    }
    object one;
    one["name"] = std::to_string(label);
    one["samples"] = std::to_string(count.samples);
    one["clean"] = share_text(count.clean, count.samples);
    one["robust"] = share_text(count.robust, count.samples);
    classes.push_back(one);
  }
  return classes;
}

list check_list(const Json& document) {
  list checks;
  std::set<std::string> fired;
  for (const Json& warning : document.value("warnings", Json::array())) {
    object one;
    one["class"] = "open";
    one["mark"] = "WARN";
    one["text"] = plain(warning.at("message").get<std::string>());
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
    text += ", norm " + plain(threat.at("norm").get<std::string>());
    if (threat.contains("epsilon") && threat.at("epsilon").is_number()) {
      text += ", epsilon " + printed("%.4g", number_or_nan(threat.at("epsilon")));
    }
  }
  return text;
}

/// One stage on one model. `room` is what the page has left for pictures, in bytes.
object stage_object(const PlanFile& plan, const StageResult& stage, std::size_t& room) {
  object one;
  one["name"] = plain(stage.run.stage->name);
  one["model"] = plain(stage.run.model->name);
  one["what"] = what_text(stage);
  one["command"] = command_text(plan, stage.run, std::nullopt);
  if (stage.document.is_null()) {
    one["problem"] = plain(stage.problem);
    return one;
  }
  const std::vector<SampleRow> rows = rows_of(stage.folder);
  const list measures = measure_list(stage);
  one["has_measures"] = !measures.empty();
  one["measures"] = data(measures);
  const bool is_attack = stage.run.stage->kind == "attack";
  const list classes = is_attack ? class_list(rows) : list();
  one["has_classes"] = !classes.empty();
  one["classes"] = data(classes);
  list findings;
  for (const FindingPicture& finding :
       is_attack ? surest_failures(stage, rows, kPictures) : std::vector<FindingPicture>()) {
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
  const auto found = std::ranges::count(rows, SampleRow::Status::kFound, &SampleRow::status);
  one["has_findings"] = !findings.empty();
  one["findings_note"] = std::to_string(findings.size()) + " of " + std::to_string(found) +
                         " failures; all of them lie in stages/" + plain(stage.run.id) +
                         "/witnesses. Each picture: clean input, changed input, difference amplified.";
  one["findings"] = data(findings);
  const list checks = check_list(stage.document);
  const auto warnings = stage.document.value("warnings", Json::array()).size();
  one["has_checks"] = !checks.empty();
  one["checks_summary"] = warnings == 0 ? std::string("all ") + std::to_string(checks.size()) + " pass"
                                        : std::to_string(warnings) + " of " + std::to_string(checks.size()) + " warn";
  one["checks"] = data(checks);
  return one;
}

/// Curves of one stage in one picture, one line per model.
list curve_list(const NightlySummary& summary) {
  list pictures;
  for (const PlanStage& stage : summary.plan.stages) {
    std::vector<Curve> curves;
    double end = 0;
    for (const StageResult& result : summary.stages) {
      if (stage.kind != "curve" || result.run.stage != &stage || result.document.is_null()) {
        continue;
      }
      std::vector<double> distances;
      std::ranges::transform(rows_of(result.folder), std::back_inserter(distances), distance_of);
      std::vector<double> probed;
      for (const Json& point : result.document.at("points")) {
        probed.push_back(number_or_nan(point.at("epsilon")));
      }
      end = std::max(end, number_or_nan(result.document.at("area").at("epsilon_max")));
      std::erase_if(probed, [&](double epsilon) { return epsilon > end; });
      curves.push_back(curve_of(plain(result.run.model->name), SurvivalCurve(distances), probed));
    }
    if (curves.empty()) {
      continue;
    }
    object one;
    one["svg"] = curve_svg({.title = plain(stage.name), .epsilon_max = end}, curves);
    one["label"] = "robust accuracy against epsilon, stage " + plain(stage.name);
    one["caption"] = std::string(
        "Share of samples that stay right, as a function of how much may be changed; bands: 95 % for the whole curve.");
    pictures.push_back(one);
  }
  return pictures;
}

list heatmap_list(const NightlySummary& summary) {
  list maps;
  for (const StageResult& stage : summary.stages) {
    if (stage.run.stage->kind != "corruptions" || stage.document.is_null()) {
      continue;
    }
    Heatmap map{.title = plain(stage.run.stage->name) + ", " + plain(stage.run.model->name) + ": accuracy in percent",
                .column_title = "severity",
                .columns = {"1", "2", "3", "4", "5", "mean"}};
    for (const Json& row : stage.document.at("corruptions")) {
      HeatmapRow cells{.name = plain(row.at("name").get<std::string>())};
      for (const Json& cell : row.at("severities")) {
        cells.values.push_back(number_or_nan(cell.at("accuracy").at("value")));
      }
      cells.values.push_back(1 - number_or_nan(row.at("mean_error")));
      map.rows.push_back(std::move(cells));
    }
    object one;
    one["svg"] = heatmap_svg(map);
    one["label"] = "accuracy under corruptions, " + plain(stage.run.model->name);
    maps.push_back(one);
  }
  return maps;
}

/// What the plan leaves out, in words.
std::string not_tested(const PlanFile& plan) {
  const auto has = [&](const std::string& kind) {
    return std::ranges::find(plan.stages, kind, &PlanStage::kind) != plan.stages.end();
  };
  std::set<std::string> norms{"l1", "l2", "linf"};
  for (const PlanStage& stage : plan.stages) {
    for (const PlanSetting& setting : stage.settings) {
      if (setting.key == "norm" && !setting.values.empty()) {
        norms.erase(setting.values.front());
      }
    }
  }
  std::string text;
  for (const std::string& norm : norms) {
    text += (text.empty() ? "" : ", ") + ("changes measured in " + norm);
  }
  for (const auto& [kind, what] : {std::pair("corruptions", "noise, blur and weather"), std::pair("fuzz", "fuzzing"),
                                   std::pair("replay", "failures found before")}) {
    if (!has(kind)) {
      text += (text.empty() ? "" : ", ") + std::string(what);
    }
  }
  return text + (text.empty() ? "" : ", ") + "poisoned training data, stolen models, data that leak.";
}

list evidence_list(const HtmlReport& report) {
  const NightlySummary& summary = report.summary;
  list rows;
  const auto add = [&](const std::string& name, const std::string& value) {
    object row;
    row["name"] = plain(name);
    row["value"] = plain(value);
    rows.push_back(row);
  };
  add("plan",
      summary.plan.path.filename().string() + ", SHA-256 " + summary.plan.sha256 + ", fixed before anything ran");
  std::set<std::string> seen;
  for (const StageResult& stage : summary.stages) {
    if (!stage.document.is_object() || !stage.document.contains("model")) {
      continue;
    }
    const std::string model = "model " + stage.run.model->name;
    if (seen.insert(model).second) {
      add(model, stage.document.at("model").at("path").get<std::string>() + ", SHA-256 " +
                     stage.document.at("model").at("sha256").get<std::string>());
    }
    const std::string data_name = "data of " + stage.run.stage->name;
    if (stage.document.contains("data") && seen.insert(data_name).second) {
      const Json& read = stage.document.at("data");
      add(data_name, read.value("source", "") + ", " + read.value("samples", Json()).dump() + " samples, SHA-256 " +
                         read.value("sha256", "") + ", seed " + stage.document.value("seed", Json()).dump());
    }
  }
  const Json evidence = report.header.value("evidence", Json::object());
  for (const auto& [name, value] : evidence.items()) {
    add(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return rows;
}

}  // namespace

std::string html_report(const HtmlReport& report) {
  const NightlySummary& summary = report.summary;
  object page;
  page["verdict"] = verdict_of(summary);
  page["title"] = summary.plan.models.size() == 1 ? plain(summary.plan.models.front().name)
                                                  : std::to_string(summary.plan.models.size()) + " models";
  page["sentence"] = plain(sentence_of(summary));
  if (!summary.plan.goal.empty()) {
    page["goal"] = plain(summary.plan.goal);
  }
  page["not_tested"] = not_tested(summary.plan);
  list gates;
  for (const GateResult& gate : summary.gates) {
    gates.push_back(gate_object(gate, summary.plan));
  }
  page["has_gates"] = !gates.empty();
  page["gates"] = data(gates);
  list notes;
  for (const std::string& note : summary.notes) {
    notes.push_back(plain(note));
  }
  page["notes"] = data(notes);
  const list curves = curve_list(summary);
  page["has_curves"] = !curves.empty();
  page["curves"] = data(curves);
  const list maps = heatmap_list(summary);
  page["has_maps"] = !maps.empty();
  page["maps"] = data(maps);
  list stages;
  std::size_t room = kLargestPage / 2;
  for (const StageResult& stage : summary.stages) {
    stages.push_back(stage_object(summary.plan, stage, room));
  }
  page["stages"] = data(stages);
  page["evidence"] = data(evidence_list(report));
  page["version"] = version();
  page["utc"] = utc_now();
  kainjow::mustache::mustache form(html_template());
  return form.render(page);
}

}  // namespace faultline
