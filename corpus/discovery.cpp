#include "faultline/corpus/discovery.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <tuple>

#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/corpus/finding.h"
#include "faultline/corpus/json_fields.h"
#include "faultline/data/sha256.h"

namespace faultline {

namespace {

constexpr const char* kFoundSchema = "faultline.found/1";
constexpr const char* kRecipeOnly = "recipe";
constexpr std::size_t kNameDigits = 32;

Discovery from_json(const Json& json) {
  Discovery discovery{.line = json.at("line").get<std::string>()};
  discovery.model = json.at("model").at("sha256").get<std::string>();
  discovery.classes = integer(json["model"].at("classes"));
  discovery.preprocessing = {json["model"].at("output").get<std::string>(), json["model"].at("binary").get<bool>(),
                             json["model"].at("mean").get<std::vector<double>>(),
                             json["model"].at("std").get<std::vector<double>>()};
  discovery.data = json.at("data").at("sha256").get<std::string>();
  discovery.sample = integer(json["data"].at("sample"));
  discovery.attack = json.at("attack").at("name").get<std::string>();
  discovery.options = json["attack"].at("options").get<std::map<std::string, std::string>>();
  if (json["attack"].contains("recipe")) {
    discovery.recipe = json["attack"]["recipe"].dump();
  }
  discovery.recipe_only = json.value("stored", "") == kRecipeOnly;
  discovery.seed = json.at("seed").get_ref<const Json::number_unsigned_t&>();
  discovery.parents = json.at("parents").get<std::vector<std::string>>();
  discovery.faultline = json.at("faultline").get<std::string>();
  discovery.libtorch = json.at("libtorch").get<std::string>();
  discovery.clean_prediction = integer(json.at("clean").at("prediction"));
  discovery.clean_margin = json["clean"].at("margin").get<double>();
  const Json& witness = json.at("witness");
  discovery.prediction = integer(witness.at("prediction"));
  discovery.margin = witness.at("margin").get<double>();
  discovery.confidence = witness.at("confidence").get<double>();
  discovery.distance = witness.at("distance").get<double>();
  for (const Json& logit : witness.at("logits").get_ref<const Json::array_t&>()) {
    discovery.logits.emplace_back(integer(logit.at(0)), logit.at(1).get<double>());
  }
  discovery.date = json.at("date").get<std::string>();
  return discovery;
}

/// JSON has no infinity and no NaN. A logit that overflowed must not make the discovery unreadable.
double finite(double figure) {
  constexpr double kMost = std::numeric_limits<double>::max();
  return std::isnan(figure) ? 0 : std::clamp(figure, -kMost, kMost);
}

std::vector<double> finite(std::vector<double> figures) {
  std::ranges::transform(figures, figures.begin(), [](double figure) { return finite(figure); });
  return figures;
}

/// What SOURCE_DATE_EPOCH says. Throws Error (kUsage) beyond the year 9999, whose days do not compare as texts.
std::int64_t seconds_since_1970(const std::string& text) {
  constexpr std::int64_t kLast = 253'402'300'799;
  const std::int64_t seconds = parse_integer(text, "SOURCE_DATE_EPOCH");
  if (seconds < 0 || seconds > kLast) {
    throw Error{ErrorCode::kUsage,
                "SOURCE_DATE_EPOCH: expected seconds from 0 to " + std::to_string(kLast) + ", got '" + text + "'"};
  }
  return seconds;
}

}  // namespace

std::string discovery_bytes(const Discovery& discovery) {
  Json json{{"schema", kFoundSchema}, {"line", discovery.line}};
  json["model"] = {{"sha256", discovery.model}, {"classes", discovery.classes}};
  json["model"]["output"] = discovery.preprocessing.output;
  json["model"]["binary"] = discovery.preprocessing.binary;
  json["model"]["mean"] = finite(discovery.preprocessing.mean);
  json["model"]["std"] = finite(discovery.preprocessing.std);
  json["data"] = {{"sha256", discovery.data}, {"sample", discovery.sample}};
  json["attack"] = {{"name", discovery.attack}, {"options", discovery.options}};
  if (!discovery.recipe.empty()) {
    json["attack"]["recipe"] = parse_json(discovery.recipe);
  }
  if (discovery.recipe_only) {
    json["stored"] = kRecipeOnly;
  }
  json["seed"] = discovery.seed;
  json["parents"] = discovery.parents;
  json["faultline"] = discovery.faultline;
  json["libtorch"] = discovery.libtorch;
  json["clean"] = {{"prediction", discovery.clean_prediction}, {"margin", finite(discovery.clean_margin)}};
  json["witness"] = {{"prediction", discovery.prediction},
                     {"margin", finite(discovery.margin)},
                     {"confidence", finite(discovery.confidence)},
                     {"distance", finite(discovery.distance)},
                     {"logits", Json::array()}};
  for (const auto& [index, logit] : discovery.logits) {
    json["witness"]["logits"].push_back({index, finite(logit)});
  }
  json["date"] = discovery.date;
  return json_line(json) + "\n";
}

Discovery parse_discovery(Bytes bytes, const std::string& name) {
  if (bytes.size() > kLargestDiscovery) {
    refuse(name, "is larger than a discovery can be (256 KB)");
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const Json json = parse_json(text);
  if (json.is_discarded()) {
    refuse(name, "is no JSON, or is nested too deeply to be a discovery");
  }
  if (!has_schema(json, kFoundSchema)) {
    refuse(name, std::string("is no discovery of schema ") + kFoundSchema);
  }
  if (has_control_characters(text)) {
    refuse(name, "holds a control character in a text");
  }
  try {
    return from_json(json);
  } catch (const nlohmann::json::exception&) {
    refuse(name, "is no discovery: a field is missing or of the wrong type");
  }
}

bool same_search(const Discovery& a, const Discovery& b) {
  const auto key = [](const Discovery& d) {
    const Preprocessing& p = d.preprocessing;
    return std::tie(d.line, d.model, p.output, p.binary, p.mean, p.std, d.data, d.sample, d.attack, d.options, d.recipe,
                    d.seed, d.parents);
  };
  return key(a) == key(b);
}

std::string discovery_name(std::string_view bytes) {
  return "found-" + sha256_of(std::as_bytes(std::span(bytes))).substr(0, kNameDigits) + ".json";
}

const Discovery& first_of(const std::vector<Discovery>& discoveries) {
  static const Discovery kNone;
  return discoveries.empty() ? kNone : *std::ranges::min_element(discoveries, {}, &Discovery::date);
}

std::string signature_of(const Failure& failure, const Discovery& discovery) {
  const std::string classes = std::to_string(failure.label) + ">" + std::to_string(discovery.prediction);
  const std::string norm = failure.budget ? " " + std::string(name_of(failure.budget->norm)) : "";
  return failure.oracle + " " + classes + " " + discovery.attack + norm;
}

std::string today() {
  using namespace std::chrono;
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  const sys_days day = epoch != nullptr && *epoch != '\0' ? floor<days>(sys_seconds(seconds(seconds_since_1970(epoch))))
                                                          : floor<days>(system_clock::now());
  const year_month_day date(day);
  const auto two = [](unsigned number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::to_string(static_cast<int>(date.year())) + "-" + two(static_cast<unsigned>(date.month())) + "-" +
         two(static_cast<unsigned>(date.day()));
}

}  // namespace faultline
