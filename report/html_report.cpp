#include "faultline/report/html_report.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <kainjow/mustache.hpp>

#include "faultline/core/error.h"
#include "faultline/eval/evidence.h"
#include "faultline/nightly/plan_change.h"
#include "faultline/nightly/stage_command.h"
#include "faultline/report/heatmap.h"
#include "faultline/report/html_stage.h"
#include "faultline/report/html_text.h"
#include "faultline/report/plot.h"
#include "faultline/report/trend.h"

namespace faultline {

namespace {

using kainjow::mustache::data;
using kainjow::mustache::list;
using kainjow::mustache::object;

constexpr std::size_t kLargestPage = 5'000'000;

object gate_object(const GateResult& result, const PlanFile& plan) {
  object gate;
  const bool passed = result.outcome == GateResult::Outcome::kPassed;
  gate["class"] = passed ? "passed" : fails(result) ? "failed" : "open";
  gate["mark"] = passed ? "kept" : result.outcome == GateResult::Outcome::kFailed ? "broken" : name_of(result.outcome);
  gate["name"] = visible_text(result.gate->name);
  gate["model"] = visible_text(result.model);
  gate["reason"] = visible_text(result.reason);
  gate["place"] = visible_text(plan.path.filename().string()) + ":" + std::to_string(result.gate->line);
  return gate;
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
        probed.push_back(number_or_nan(point.at(point.contains("epsilon") ? "epsilon" : "value")));
      }
      end = std::max(end, number_or_nan(result.document.at("area").at("epsilon_max")));
      std::erase_if(probed, [&](double epsilon) { return epsilon > end; });
      curves.push_back(curve_of(visible_text(result.run.model->name), SurvivalCurve(distances), probed));
    }
    if (curves.empty()) {
      continue;
    }
    object one;
    one["svg"] = curve_svg({.title = visible_text(stage.name), .epsilon_max = end}, curves);
    one["label"] = "robust accuracy against epsilon, stage " + visible_text(stage.name);
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
    Heatmap map{.title = visible_text(stage.run.stage->name) + ", " + visible_text(stage.run.model->name) +
                         ": accuracy in percent",
                .column_title = "severity",
                .columns = {"1", "2", "3", "4", "5", "mean"}};
    for (const Json& row : stage.document.at("corruptions")) {
      HeatmapRow cells{.name = visible_text(row.at("name").get<std::string>())};
      for (const Json& cell : row.at("severities")) {
        cells.values.push_back(number_or_nan(cell.at("accuracy").at("value")));
      }
      cells.values.push_back(1 - number_or_nan(row.at("mean_error")));
      map.rows.push_back(std::move(cells));
    }
    object one;
    one["svg"] = heatmap_svg(map);
    one["label"] = "accuracy under corruptions, " + visible_text(stage.run.model->name);
    maps.push_back(one);
  }
  return maps;
}

/// Whether a stage of that kind was measured.
bool did(const NightlySummary& summary, const std::string& kind) {
  return std::ranges::any_of(summary.stages, [&](const StageResult& stage) {
    return stage.run.stage->kind == kind && !stage.document.is_null();
  });
}

/// What was not measured, in words.
std::string not_tested(const NightlySummary& summary) {
  std::set<std::string> norms{"l1", "l2", "linf"};
  for (const StageResult& stage : summary.stages) {
    if (const auto norm = setting_value(settings_of(summary.plan, stage.run), "norm");
        norm && !stage.document.is_null()) {
      norms.erase(*norm);
    }
  }
  std::string text;
  for (const std::string& norm : norms) {
    text += (text.empty() ? "" : ", ") + ("changes measured in " + norm);
  }
  for (const auto& [kind, what] : {std::pair("corruptions", "noise, blur and weather"), std::pair("fuzz", "fuzzing"),
                                   std::pair("replay", "failures found before")}) {
    if (!did(summary, kind)) {
      text += (text.empty() ? "" : ", ") + std::string(what);
    }
  }
  return text + (text.empty() ? "" : ", ") + "poisoned training data, stolen models, data that leak.";
}

/// What stands below a run in a trend: its directory's name, or month and day where that is long.
std::string label_of(const HistoryRun& run) {
  constexpr std::size_t kShort = 12;
  constexpr std::size_t kMonth = 5;
  constexpr std::size_t kLength = 5;
  const std::filesystem::path path = run.path.lexically_normal();
  const std::string name = visible_text((path.has_filename() ? path : path.parent_path()).filename().string());
  return name.size() <= kShort || run.ended.size() < kMonth + kLength ? name
                                                                      : visible_text(run.ended.substr(kMonth, kLength));
}

bool is_share(const Interval& interval) { return interval.low >= 0 && interval.high <= 1; }

/// What a measure came to in each run that has it, by stage.
std::vector<TrendLine> trend_lines(const std::vector<HistoryRun>& history, const std::string& measure) {
  std::map<std::string, TrendLine> lines;
  std::map<std::string, std::string> settings;
  for (std::size_t number = 0; number < history.size(); ++number) {
    for (const auto& [id, stage] : history[number].stages) {
      const auto measured = stage.measures.find(measure);
      if (measured == stage.measures.end()) {
        continue;
      }
      const double value = measured->second.value;
      const Interval share = measured->second.interval.value_or(Interval{value, value, value});
      if (!is_share(share)) {
        continue;
      }
      lines[id].name = visible_text(id);
      lines[id].points.push_back({.run = number, .share = share, .joined = settings[id] == stage.setting});
      settings[id] = stage.setting;
    }
  }
  constexpr std::size_t kMostLines = 12;
  std::vector<TrendLine> all;
  for (auto& [id, line] : lines) {
    if (all.size() < kMostLines) {
      all.push_back(std::move(line));
    }
  }
  return all;
}

list trend_list(const HtmlReport& report) {
  list pictures;
  if (report.history.size() < 2) {
    return pictures;
  }
  Trend trend;
  std::ranges::transform(report.history, std::back_inserter(trend.runs), label_of);
  for (const std::string measure : {"clean_accuracy", "robust_accuracy", "mean_accuracy", "broken_share"}) {
    trend.title = measure + " over " + std::to_string(report.history.size()) + " runs";
    trend.lines = trend_lines(report.history, measure);
    if (!trend.lines.empty()) {
      object one;
      one["svg"] = trend_svg(trend);
      one["label"] = trend.title;
      pictures.push_back(one);
    }
  }
  return pictures;
}

/// What kinds of stages were measured: the table of what others ask for names only what was done.
void add_kinds(object& page, const NightlySummary& summary) {
  for (const char* kind : {"attack", "curve", "corruptions", "fuzz", "replay"}) {
    page[std::string("did_") + kind] = did(summary, kind);
  }
}

list evidence_list(const HtmlReport& report) {
  const NightlySummary& summary = report.summary;
  list rows;
  const auto add = [&](const std::string& name, const std::string& value) {
    object row;
    row["name"] = visible_text(name);
    row["value"] = visible_text(value);
    rows.push_back(row);
  };
  add("plan",
      summary.plan.path.filename().string() + ", SHA-256 " + summary.plan.sha256 + ", fixed before anything ran");
  add("run", "began " + summary.begun + " UTC, ended " + summary.ended + " UTC");
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
  for (const auto& [key, value] : evidence.items()) {
    std::string name = key;
    std::ranges::replace(name, '_', ' ');
    add(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return rows;
}

}  // namespace

std::string html_report(const HtmlReport& report) {
  const NightlySummary& summary = report.summary;
  object page;
  page["verdict"] = verdict_of(summary);
  page["title"] = summary.plan.models.size() == 1 ? visible_text(summary.plan.models.front().name)
                                                  : std::to_string(summary.plan.models.size()) + " models";
  page["sentence"] = visible_text(sentence_of(summary));
  if (!summary.plan.goal.empty()) {
    page["goal"] = visible_text(summary.plan.goal);
  }
  page["not_tested"] = not_tested(summary);
  list gates;
  for (const GateResult& gate : summary.gates) {
    gates.push_back(gate_object(gate, summary.plan));
  }
  add_html_list(page, "gates", gates);
  list notes;
  for (const std::string& note : summary.notes) {
    notes.push_back(visible_text(note));
  }
  page["notes"] = data(notes);
  list changes;
  for (const PlanChange& change : summary.plan.changes) {
    changes.push_back(visible_text(change_text(change)));
  }
  add_html_list(page, "changes", changes);
  add_html_list(page, "curves", curve_list(summary));
  add_html_list(page, "maps", heatmap_list(summary));
  add_html_list(page, "trends", trend_list(report));
  add_kinds(page, summary);
  list stages;
  std::size_t room = kLargestPage / 2;
  for (const StageResult& stage : summary.stages) {
    stages.push_back(html_stage(summary.plan, stage, room));
  }
  page["stages"] = data(stages);
  page["evidence"] = data(evidence_list(report));
  page["version"] = version();
  page["utc"] = utc_now();
  kainjow::mustache::mustache form(html_template());
  return form.render(page);
}

}  // namespace faultline
