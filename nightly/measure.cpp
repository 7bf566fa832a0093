#include "faultline/nightly/measure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <vector>

#include "faultline/core/number.h"
#include "faultline/core/suggest.h"
#include "faultline/eval/document.h"
#include "faultline/eval/replay_verdict.h"

namespace faultline {

namespace {

using Measures = std::map<std::string, Measure>;

Measure share(const Json& interval) {
  const Interval read{.value = number_or_nan(interval.at("value")),
                      .low = number_or_nan(interval.at("low")),
                      .high = number_or_nan(interval.at("high"))};
  return {read.value, read};
}

Measure count(const Json& number) { return {number_or_nan(number), std::nullopt}; }

Measure count(std::size_t number) { return {static_cast<double>(number), std::nullopt}; }

void add_attack(const Json& document, Measures& measures) {
  measures["clean_accuracy"] = share(document.at("clean_accuracy"));
  measures["robust_accuracy"] = share(document.at("robust_accuracy"));
  measures["adversarial_errors"] = count(document.at("adversarial_errors"));
  measures["rejected"] = count(document.at("verification").at("rejected"));
}

void add_curve(const Json& document, Measures& measures) {
  add_attack(document, measures);
  for (const Json& point : document.at("points")) {
    const double epsilon = number_or_nan(point.at(point.contains("epsilon") ? "epsilon" : "value"));
    measures["robust_accuracy@" + shortest(epsilon)] = share(point.at("robust_accuracy"));
  }
  measures["area"] = count(document.at("area").at("value"));
  if (const Json& median = document.at("distances").at("median"); median.is_number()) {
    measures["median_distance"] = count(median);
  }
}

void add_corruptions(const Json& document, Measures& measures) {
  measures["clean_accuracy"] = share(document.at("clean").at("accuracy"));
  measures["calibration_error"] = share(document.at("intervals").at("calibration_error"));
  measures["mean_accuracy"] = share(document.at("intervals").at("mean_accuracy"));
  // Chosen after looking, so that the interval of its cell would not be its own.
  measures["worst_accuracy"] = count(document.at("worst").at("accuracy").at("value"));
  for (const Json& row : document.at("corruptions")) {
    measures["accuracy." + row.at("name").get<std::string>()] = {1 - number_or_nan(row.at("mean_error")), std::nullopt};
  }
}

void add_fuzz(const Json& document, Measures& measures) {
  for (const char* name : {"seeds_broken", "findings", "clusters"}) {
    measures[name] = count(document.at(name));
  }
  const Interval broken = wilson(integer(document.at("seeds_broken")), integer(document.at("seeds")));
  measures["broken_share"] = {broken.value, broken};
}

void add_replay(const Json& document, Measures& measures) {
  measures["failed"] = count(document.at("failed").size());
  measures["findings"] = count(document.at("findings").size());
  const Json& verdicts = document.at("verdicts");
  for (const ReplayVerdict verdict : all_verdicts()) {
    const std::string name = name_of(verdict);
    measures["verdict." + word_of(verdict)] =
        verdicts.contains(name) ? count(verdicts.at(name)) : count(std::size_t{0});
  }
}

/// What stages of a kind measure, but for names that depend on the data: those begin so.
struct KnownMeasures {
  std::vector<std::string> names{};
  std::string prefix{};
};

KnownMeasures known_measures(const std::string& kind) {
  std::vector<std::string> names{"warnings"};
  const auto add = [&](std::initializer_list<const char*> more) {
    names.insert(names.end(), more.begin(), more.end());
  };
  if (kind == "attack" || kind == "curve") {
    add({"clean_accuracy", "robust_accuracy", "adversarial_errors", "rejected"});
  }
  if (kind == "curve") {
    add({"area", "median_distance"});
    return {names, "robust_accuracy@"};
  }
  if (kind == "corruptions") {
    add({"clean_accuracy", "mean_accuracy", "worst_accuracy", "calibration_error"});
    return {names, "accuracy."};
  }
  if (kind == "fuzz") {
    add({"seeds_broken", "broken_share", "findings", "clusters", "silent_answers", "sound_inputs_refused"});
  }
  if (kind == "replay") {
    add({"failed", "findings"});
    for (const ReplayVerdict verdict : all_verdicts()) {
      names.push_back("verdict." + word_of(verdict));
    }
  }
  return {names, ""};
}

}  // namespace

std::map<std::string, Measure> measures_of(const Json& document) {
  Measures measures;
  const std::string schema = document.is_object() ? document.value("schema", "") : "";
  if (schema == "faultline.attack/1") {
    add_attack(document, measures);
  } else if (schema == "faultline.curve/1") {
    add_curve(document, measures);
  } else if (schema == "faultline.corruptions/1") {
    add_corruptions(document, measures);
  } else if (schema == "faultline.fuzz/1") {
    add_fuzz(document, measures);
  } else if (schema == "faultline.contract/1") {
    for (const char* name : {"findings", "silent_answers", "sound_inputs_refused"}) {
      measures[name] = count(document.at(name));
    }
  } else if (schema == "faultline.replay/1") {
    add_replay(document, measures);
  }
  if (!measures.empty() && document.contains("warnings")) {
    measures["warnings"] = count(document.at("warnings").size());
  }
  return measures;
}

bool has_interval(const std::string& measure) {
  const std::vector<std::string> shares{"clean_accuracy", "robust_accuracy", "mean_accuracy", "calibration_error",
                                        "broken_share"};
  return std::ranges::find(shares, measure) != shares.end() || measure.starts_with("robust_accuracy@");
}

bool falls_when_worse(const std::string& measure) {
  return measure.find("accuracy") != std::string::npos || measure == "area" || measure == "median_distance";
}

std::string problem_of_measure(const std::string& kind, const std::string& measure) {
  const KnownMeasures known = known_measures(kind);
  const bool fits = std::ranges::find(known.names, measure) != known.names.end() ||
                    (!known.prefix.empty() && measure.starts_with(known.prefix) && measure != known.prefix);
  return fits ? ""
              : "a stage of kind " + kind + " has no measure '" + measure + "'" + did_you_mean(measure, known.names);
}

Json measure_json(const Measure& measure) {
  return measure.interval ? interval_json(*measure.interval) : Json{{"value", measure.value}};
}

Measure measure_from(const Json& json) { return json.contains("low") ? share(json) : count(json.at("value")); }

std::string figure(double value) {
  constexpr double kLong = 1e15;
  if (!(std::abs(value) < kLong)) {
    return shortest(value);
  }
  constexpr int kDigits = 64;
  std::string text(kDigits, '\0');
  text.resize(static_cast<std::size_t>(std::snprintf(text.data(), text.size(), "%.4f", value)));
  while (text.ends_with('0')) {
    text.pop_back();
  }
  return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

std::string figure(const Interval& interval) {
  return figure(interval.value) + " (" + figure(interval.low) + " .. " + figure(interval.high) + ")";
}

std::string figure(const Measure& measure) {
  return measure.interval ? figure(*measure.interval) : figure(measure.value);
}

}  // namespace faultline
