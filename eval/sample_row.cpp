#include "faultline/eval/sample_row.h"

#include <array>
#include <limits>
#include <stdexcept>

#include "faultline/core/error.h"
#include "faultline/core/hash.h"
#include "faultline/data/json.h"

namespace faultline {

namespace {

constexpr std::array<const char*, 4> kStatusNames{"robust", "found", "clean error", "not attempted"};
constexpr std::array<const char*, 5> kOutcomeNames{"nothing", "found", "near tie", "rejected", "out of reach"};

template <typename Enum, std::size_t count>
Enum value_of(const std::array<const char*, count>& names, const std::string& name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (name == names[i]) {
      return static_cast<Enum>(i);
    }
  }
  throw std::invalid_argument(name);
}

std::vector<std::pair<std::int64_t, double>> logits_of(const Json& json) {
  std::vector<std::pair<std::int64_t, double>> logits;
  for (const Json& logit : json) {
    logits.emplace_back(integer(logit.at(0)), number_or_nan(logit.at(1)));
  }
  return logits;
}

}  // namespace

std::string to_line(const SampleRow& row) {
  Json json{{"index", row.id.index}, {"hash", to_hex(row.id.hash)}, {"label", row.label}};
  if (!row.group.empty()) {
    json["group"] = row.group;
  }
  json["status"] = kStatusNames[static_cast<std::size_t>(row.status)];
  json["clean"] = {{"prediction", row.clean.prediction},
                   {"margin", row.clean.margin},
                   {"confidence", row.clean.confidence},
                   {"near_tie", row.clean.near_tie}};
  if (row.target) {
    json["target"] = *row.target;
  }
  if (!row.attempts.empty()) {
    json["attempts"] = Json::array();
    for (const Outcome outcome : row.attempts) {
      json["attempts"].push_back(kOutcomeNames[static_cast<std::size_t>(outcome)]);
    }
  }
  if (row.status == SampleRow::Status::kFound) {
    json["attack"] = row.attack;
    json["prediction"] = row.verdict.prediction;
    json["margin"] = row.verdict.margin;
    json["confidence"] = row.verdict.confidence;
    json["distance"] = row.verdict.distance;
    json["logits"] = row.verdict.highest;
    json["witness"] = row.witness;
    if (row.eight_bits) {
      json["eight_bits"] = *row.eight_bits;
    }
    if (!row.oracle.text.empty()) {
      json["oracle"] = row.oracle.text;
      json["label_source"] = row.oracle.label_source;
    }
    if (!row.recipe.is_null()) {
      json["recipe"] = row.recipe;
    }
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

SampleRow from_line(const std::string& line) {
  SampleRow row;
  try {
    const Json json = parse_json(line);
    row.id = {integer(json.at("index")), std::stoull(json.at("hash").get<std::string>(), nullptr, 16)};
    row.label = integer(json.at("label"));
    row.group = json.value("group", "");
    row.status = value_of<SampleRow::Status>(kStatusNames, json.at("status").get<std::string>());
    const Json& clean = json.at("clean");
    row.clean = {integer(clean.at("prediction")), clean.at("margin").get<double>(),
                 clean.at("confidence").get<double>(), row.status != SampleRow::Status::kCleanError,
                 clean.at("near_tie").get<bool>()};
    if (json.contains("target")) {
      row.target = integer(json.at("target"));
    }
    for (const Json& outcome : json.value("attempts", Json::array())) {
      row.attempts.push_back(value_of<Outcome>(kOutcomeNames, outcome.get<std::string>()));
    }
    if (row.status == SampleRow::Status::kFound) {
      row.attack = integer(json.at("attack"));
      row.verdict = {Judgement::kAccepted,
                     integer(json.at("prediction")),
                     number_or_nan(json.at("margin")),
                     number_or_nan(json.at("confidence")),
                     number_or_nan(json.at("distance")),
                     logits_of(json.at("logits"))};
      row.witness = json.at("witness").get<std::string>();
      if (json.contains("eight_bits")) {
        row.eight_bits = json.at("eight_bits").get<bool>();
      }
      row.oracle = {json.value("oracle", ""), json.value("label_source", FailedOracle{}.label_source)};
      row.recipe = json.value("recipe", Json());
    }
  } catch (const std::exception&) {
    throw Error{ErrorCode::kUsage, "samples.jsonl: a line is no sample row"};
  }
  return row;
}

double distance_of(const SampleRow& row) {
  switch (row.status) {
    case SampleRow::Status::kCleanError:
      return 0;
    case SampleRow::Status::kFound:
      return row.verdict.distance;
    case SampleRow::Status::kRobust:
    case SampleRow::Status::kNotAttempted:
      return std::numeric_limits<double>::infinity();
  }
  return 0;
}

}  // namespace faultline
