// Fields of the corpus's files, read strictly: nlohmann converts a fraction to an integer without a word.
//
//   if (!has_schema(json, "faultline.finding/1")) { ... }
//   failure.label = integer(json.at("label").at("value"));
#pragma once

#include <cstdint>
#include <vector>

#include "faultline/data/json.h"

namespace faultline {

/// Whether it is an object of that schema. Never copies what it looks at, which may be nested very deeply.
[[nodiscard]] bool has_schema(const Json& json, const char* schema);

/// Throws nlohmann::json::exception when the value is no integer below 2^63.
[[nodiscard]] std::int64_t integer(const Json& value);

/// The same of every element of an array.
[[nodiscard]] std::vector<std::int64_t> integers(const Json& values);

}  // namespace faultline
