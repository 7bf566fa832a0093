// Results and corpora of islands as JSON: how a worker process hands them on, and how a run remembers them.
#pragma once

#include "faultline/data/json.h"
#include "faultline/fuzz/island.h"

namespace faultline {

/// A list of [bytes in hexadecimal digits, features].
[[nodiscard]] Json corpus_json(const std::vector<CorpusEntry>& corpus, const RecipeSpace& space);
[[nodiscard]] std::vector<CorpusEntry> parse_corpus(const Json& json, const RecipeSpace& space, std::int64_t seeds);

/// A list of [bytes in hexadecimal digits, slack].
[[nodiscard]] Json champions_json(const std::vector<Champion>& champions, const RecipeSpace& space);
[[nodiscard]] std::vector<Champion> parse_champions(const Json& json, const RecipeSpace& space, std::int64_t seeds);

[[nodiscard]] Json failure_json(const FuzzFailure& failure, const RecipeSpace& space);
[[nodiscard]] FuzzFailure parse_failure(const Json& json, const RecipeSpace& space, std::int64_t seeds);

[[nodiscard]] Json result_json(const IslandResult& result, const RecipeSpace& space);

/// Throws nlohmann::json::exception when it is no such result.
[[nodiscard]] IslandResult parse_result(const Json& json, const RecipeSpace& space, std::int64_t seeds);

/// The canonical bytes of an input in hexadecimal digits, and back.
[[nodiscard]] std::string hex_of(const FuzzInput& input, const RecipeSpace& space);
[[nodiscard]] FuzzInput from_hex(const std::string& digits, const RecipeSpace& space, std::int64_t seeds);

}  // namespace faultline
