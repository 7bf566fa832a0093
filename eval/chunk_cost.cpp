#include "faultline/eval/chunk_cost.h"

#include <limits>

#include "faultline/data/json.h"

namespace faultline {

std::string to_line(const ChunkCost& cost) {
  Json json{{"first", cost.chunk.first}, {"count", cost.chunk.count}, {"attacks", Json::array()}};
  for (const AttackCost& attack : cost.attacks) {
    json["attacks"].push_back(
        {{"forwards", attack.meter.forwards}, {"backwards", attack.meter.backwards}, {"seconds", attack.seconds}});
    if (attack.meter.not_finite > 0) {
      json["attacks"].back()["not_finite"] = attack.meter.not_finite;
    }
  }
  return json.dump();
}

std::optional<ChunkCost> cost_from_line(const std::string& line) {
  try {
    const Json json = parse_json(line);
    ChunkCost cost{.chunk = {integer(json.at("first")), integer(json.at("count"))}};
    for (const Json& attack : json.at("attacks")) {
      cost.attacks.push_back({{integer(attack.at("forwards")), integer(attack.at("backwards")),
                               attack.contains("not_finite") ? integer(attack["not_finite"]) : 0},
                              attack.at("seconds").get<double>()});
    }
    const bool is_chunk = cost.chunk.first >= 0 && cost.chunk.count > 0 &&
                          cost.chunk.first <= std::numeric_limits<std::int64_t>::max() - cost.chunk.count;
    return is_chunk ? std::optional(cost) : std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace faultline
