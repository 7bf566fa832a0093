#include "faultline/fuzz/island_result.h"

#include <charconv>

#include "faultline/core/hash.h"

namespace faultline {

std::string hex_of(const FuzzInput& input, const RecipeSpace& space) {
  const std::vector<std::uint8_t> bytes = encode(input, space);
  return to_hex(std::as_bytes(std::span(bytes)));
}

FuzzInput from_hex(const std::string& digits, const RecipeSpace& space, std::int64_t seeds) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    std::uint8_t byte = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, byte, 16);
    bytes.push_back(byte);
  }
  return decode(bytes, space, seeds);
}

Json corpus_json(const std::vector<CorpusEntry>& corpus, const RecipeSpace& space) {
  Json list = Json::array();
  for (const CorpusEntry& entry : corpus) {
    list.push_back(Json::array({hex_of(entry.input, space), entry.features}));
  }
  return list;
}

std::vector<CorpusEntry> parse_corpus(const Json& json, const RecipeSpace& space, std::int64_t seeds) {
  std::vector<CorpusEntry> corpus;
  for (const Json& entry : json) {
    corpus.push_back({from_hex(entry.at(0).get<std::string>(), space, seeds), integers<Feature>(entry.at(1))});
  }
  return corpus;
}

Json champions_json(const std::vector<Champion>& champions, const RecipeSpace& space) {
  Json list = Json::array();
  for (const Champion& one : champions) {
    list.push_back(Json::array({hex_of(one.input, space), one.slack}));
  }
  return list;
}

std::vector<Champion> parse_champions(const Json& json, const RecipeSpace& space, std::int64_t seeds) {
  std::vector<Champion> champions;
  for (const Json& one : json) {
    champions.push_back({from_hex(one.at(0).get<std::string>(), space, seeds), number_or_nan(one.at(1))});
  }
  return champions;
}

Json failure_json(const FuzzFailure& failure, const RecipeSpace& space) {
  const Screened& one = failure.screened;
  return Json::array({hex_of(one.input, space), failure.label, one.oracle, one.prediction, one.severity, one.slack,
                      one.tolerance, one.confidence, one.distance, one.features});
}

FuzzFailure parse_failure(const Json& json, const RecipeSpace& space, std::int64_t seeds) {
  return {.screened = {.input = from_hex(json.at(0).get<std::string>(), space, seeds),
                       .slack = number_or_nan(json.at(5)),
                       .tolerance = number_or_nan(json.at(6)),
                       .prediction = integer(json.at(3)),
                       .confidence = number_or_nan(json.at(7)),
                       .oracle = integer(json.at(2)),
                       .distance = number_or_nan(json.at(8)),
                       .severity = integer<int>(json.at(4)),
                       .features = integers<Feature>(json.at(9))},
          .label = integer(json.at(1))};
}

Json result_json(const IslandResult& result, const RecipeSpace& space) {
  Json json{{"evaluations", result.evaluations},
            {"minimisation", result.minimisation},
            {"screened", result.screened},
            {"first_failure", result.first_failure},
            {"broken", result.broken}};
  json["corpus"] = corpus_json(result.corpus, space);
  json["champions"] = champions_json(result.champions, space);
  json["failures"] = Json::array();
  for (const FuzzFailure& failure : result.failures) {
    json["failures"].push_back(failure_json(failure, space));
  }
  return json;
}

IslandResult parse_result(const Json& json, const RecipeSpace& space, std::int64_t seeds) {
  IslandResult result{.evaluations = integer(json.at("evaluations")),
                      .minimisation = integer(json.at("minimisation")),
                      .screened = integer(json.at("screened")),
                      .first_failure = integer(json.at("first_failure")),
                      .corpus = parse_corpus(json.at("corpus"), space, seeds),
                      .broken = integers(json.at("broken")),
                      .champions = parse_champions(json.at("champions"), space, seeds)};
  for (const Json& failure : json.at("failures")) {
    result.failures.push_back(parse_failure(failure, space, seeds));
  }
  return result;
}

}  // namespace faultline
