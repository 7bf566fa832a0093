#include "faultline/report/nightly_metrics.h"

#include <cmath>
#include <ctime>
#include <utility>
#include <vector>

#include "faultline/core/error.h"
#include "faultline/core/number.h"

namespace faultline {

namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// A number as Prometheus reads it.
std::string sample_value(double value) {
  return std::isnan(value) ? "NaN" : std::isinf(value) ? (value > 0 ? "+Inf" : "-Inf") : shortest(value);
}

std::string label_value(const std::string& text) {
  std::string escaped;
  for (const char c : on_one_line(text)) {
    escaped += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
  }
  return escaped;
}

std::string head(const std::string& name, const std::string& help) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " gauge\n";
}

std::string sample(const std::string& name, const Labels& labels, double value) {
  std::string text;
  for (const auto& [key, content] : labels) {
    text += (text.empty() ? "" : ",") + key + "=\"" + label_value(content) + "\"";
  }
  return name + (text.empty() ? "" : "{" + text + "}") + " " + sample_value(value) + "\n";
}

/// One gauge over all measures that have it.
template <typename Value>
std::string of_measures(const NightlySummary& summary, const std::string& name, const std::string& help,
                        Value&& value_of) {
  std::string text = head(name, help);
  for (const StageResult& stage : summary.stages) {
    for (const auto& [measure, measured] : stage.comparable.measures) {
      if (const std::optional<double> value = value_of(measured)) {
        text += sample(name, {{"stage", stage.run.stage->name}, {"model", stage.run.model->name}, {"measure", measure}},
                       *value);
      }
    }
  }
  return text;
}

/// Seconds since 1970 of "2025-01-31T12:34:56", UTC.
double seconds_of(const std::string& utc) {
  std::tm parts{};
  const char* const end = ::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  return end == nullptr ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(::timegm(&parts));
}

std::string csv_cell(const std::string& text) {
  std::string cell = on_one_line(text);
  if (!cell.empty() && std::string_view("=+-@").find(cell.front()) != std::string_view::npos) {
    cell.insert(cell.begin(), '\'');
  }
  if (cell.find_first_of(",\"") == std::string::npos) {
    return cell;
  }
  std::string quoted = "\"";
  for (const char c : cell) {
    quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  }
  return quoted + "\"";
}

std::string csv_number(double value) { return std::isfinite(value) ? shortest(value) : ""; }

}  // namespace

std::string nightly_prometheus(const NightlySummary& summary) {
  using Value = std::optional<double>;
  std::string text = of_measures(summary, "faultline_measure", "What a stage measured.",
                                 [](const Measure& measure) { return Value(measure.value); });
  text += of_measures(summary, "faultline_measure_low", "Lower end of its 95 % interval.", [](const Measure& measure) {
    return measure.interval ? Value(measure.interval->low) : std::nullopt;
  });
  text += of_measures(summary, "faultline_measure_high", "Upper end of its 95 % interval.", [](const Measure& measure) {
    return measure.interval ? Value(measure.interval->high) : std::nullopt;
  });
  text += head("faultline_gate_failed", "1 where a gate of the plan decides that the run has failed.");
  for (const GateResult& gate : summary.gates) {
    text +=
        sample("faultline_gate_failed", {{"gate", gate.gate->name}, {"stage", gate.gate->stage}, {"model", gate.model}},
               fails(gate) ? 1 : 0);
  }
  text += head("faultline_run_failed", "1 unless the run's verdict is passed.");
  text += sample("faultline_run_failed", {}, summary.exit_code == 0 ? 0 : 1);
  text += head("faultline_run_end_timestamp_seconds", "When the run ended.");
  return text + sample("faultline_run_end_timestamp_seconds", {}, seconds_of(summary.ended));
}

std::string nightly_csv(const NightlySummary& summary) {
  std::string text = "stage,model,kind,measure,value,low,high\n";
  for (const StageResult& stage : summary.stages) {
    for (const auto& [name, measure] : stage.comparable.measures) {
      text += csv_cell(stage.run.stage->name) + "," + csv_cell(stage.run.model->name) + "," + stage.run.stage->kind +
              "," + csv_cell(name) + "," + csv_number(measure.value) + "," +
              (measure.interval ? csv_number(measure.interval->low) : "") + "," +
              (measure.interval ? csv_number(measure.interval->high) : "") + "\n";
    }
  }
  return text;
}

}  // namespace faultline
