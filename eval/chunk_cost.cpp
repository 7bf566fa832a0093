#include "faultline/eval/chunk_cost.h"

#include "faultline/data/json.h"

namespace faultline {

namespace {

/// No file of a run counts further, and sums of such numbers stay numbers.
constexpr std::int64_t kMost = std::int64_t{1} << 50;

bool is_count(std::int64_t number) { return 0 <= number && number <= kMost; }

}  // namespace

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
    bool plausible = is_count(cost.chunk.first) && is_count(cost.chunk.count) && cost.chunk.count > 0;
    for (const Json& one : json.at("attacks")) {
      const AttackCost attack{{integer(one.at("forwards")), integer(one.at("backwards")),
                               one.contains("not_finite") ? integer(one["not_finite"]) : 0},
                              one.at("seconds").get<double>()};
      plausible = plausible && is_count(attack.meter.forwards) && is_count(attack.meter.backwards) &&
                  is_count(attack.meter.not_finite) && attack.seconds >= 0;
      cost.attacks.push_back(attack);
    }
    return plausible ? std::optional(cost) : std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace faultline
