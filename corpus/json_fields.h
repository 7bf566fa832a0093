// What the corpus's files ask of JSON beyond data/json.h.
//
//   if (!has_schema(json, "faultline.finding/1")) { ... }
#pragma once

#include <string>
#include <string_view>

#include "faultline/data/json.h"

namespace faultline {

/// Whether it is an object of that schema.
[[nodiscard]] bool has_schema(const Json& json, const char* schema);

/// Whether a text that is valid JSON holds control characters in its strings (C0, DEL or C1, escaped or not): what a
/// terminal would obey.
[[nodiscard]] bool has_control_characters(std::string_view json);

/// The value as one line without its end. Bytes that are no UTF-8 and control characters are replaced by U+FFFD.
[[nodiscard]] std::string json_line(const Json& json);

}  // namespace faultline
