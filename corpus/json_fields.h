// Fields of the corpus's files, read strictly: nlohmann converts a fraction to an integer without a word.
//
//   if (!has_schema(json, "faultline.finding/1")) { ... }
//   failure.label = integer(json.at("label").at("value"));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "faultline/data/json.h"

namespace faultline {

/// Whether it is an object of that schema. Never copies what it looks at, which may be nested very deeply.
[[nodiscard]] bool has_schema(const Json& json, const char* schema);

/// Throws nlohmann::json::exception when the value is no integer below 2^63.
[[nodiscard]] std::int64_t integer(const Json& value);

/// The same of every element of an array.
[[nodiscard]] std::vector<std::int64_t> integers(const Json& values);

/// Whether a text that is valid JSON holds control characters in its strings (C0, DEL or C1, escaped or not): what a
/// terminal would obey.
[[nodiscard]] bool has_control_characters(std::string_view json);

/// The value as one line without its end. Bytes that are no UTF-8 and control characters are replaced by U+FFFD.
[[nodiscard]] std::string json_line(const Json& json);

}  // namespace faultline
