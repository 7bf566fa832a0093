#include "faultline/eval/fuzz_state.h"

#include "faultline/core/error.h"
#include "faultline/fuzz/island_result.h"

namespace faultline {

namespace {

constexpr const char* kStateSchema = "faultline.fuzz-state/1";

}  // namespace

Json state_json(const FuzzState& state, const RecipeSpace& space) {
  Json json{{"schema", kStateSchema},
            {"layout", layout_of(space)},
            {"round", state.round},
            {"evaluations", state.evaluations},
            {"minimisation", state.minimisation},
            {"screened", state.screened},
            {"first_failure", state.first_failure},
            {"seconds", state.seconds},
            {"broken", state.broken},
            {"accepted", state.accepted},
            {"near_ties", state.near_ties},
            {"rejected", state.rejected},
            {"verified_seeds", state.verified_seeds},
            {"clusters", state.clusters},
            {"added", state.added},
            {"known", state.known}};
  json["corpus"] = corpus_json(state.corpus, space);
  json["champions"] = champions_json(state.champions, space);
  json["deadly"] = Json::array();
  for (const DeadlyInput& input : state.deadly) {
    json["deadly"].push_back(Json::array({hex_of(input.input, space), input.death == Death::kHang}));
  }
  json["admitted"] = Json::array();
  for (const FuzzFailure& failure : state.admitted) {
    json["admitted"].push_back(failure_json(failure, space));
  }
  return json;
}

FuzzState parse_state(const std::string& text, const RecipeSpace& space, std::int64_t seeds, const std::string& name) {
  FuzzState state;
  try {
    const Json json = parse_json(text);
    if (json.at("schema") != kStateSchema || json.at("layout") != layout_of(space) ||
        json.at("broken").size() != static_cast<std::size_t>(seeds)) {
      throw Error{ErrorCode::kUsage, name + ": is of another version of faultline, or of another run"};
    }
    state = {.round = integer<std::uint64_t>(json.at("round")),
             .evaluations = integer(json.at("evaluations")),
             .minimisation = integer(json.at("minimisation")),
             .screened = integer(json.at("screened")),
             .first_failure = integer(json.at("first_failure")),
             .seconds = json.at("seconds").get<double>(),
             .corpus = parse_corpus(json.at("corpus"), space, seeds),
             .broken = integers(json.at("broken")),
             .champions = parse_champions(json.at("champions"), space, seeds),
             .accepted = integer(json.at("accepted")),
             .near_ties = integer(json.at("near_ties")),
             .rejected = integer(json.at("rejected")),
             .verified_seeds = integers(json.at("verified_seeds")),
             .clusters = json.at("clusters").get<std::vector<std::string>>(),
             .added = integer(json.at("added")),
             .known = integer(json.at("known"))};
    for (const std::int64_t figure : {state.evaluations, state.minimisation, state.screened, state.accepted,
                                      state.near_ties, state.rejected, state.added, state.known}) {
      if (figure < 0 || !(state.seconds >= 0)) {
        throw Error{ErrorCode::kUsage, name + ": is damaged: it holds a negative figure"};
      }
    }
    for (const Json& input : json.at("deadly")) {
      state.deadly.push_back({from_hex(input.at(0).get<std::string>(), space, seeds),
                              input.at(1).get<bool>() ? Death::kHang : Death::kProcess});
    }
    for (const Json& failure : json.at("admitted")) {
      state.admitted.push_back(parse_failure(failure, space, seeds));
    }
  } catch (const nlohmann::json::exception&) {
    throw Error{ErrorCode::kUsage, name + ": is damaged; the run cannot be continued from it"};
  }
  return state;
}

}  // namespace faultline
