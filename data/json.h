// JSON: the one type the project uses for it. Keys keep the order in which they were written.
//
//   const Json document{{"schema", "faultline.attack/1"}, {"samples", 100}};
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

// Its member functions are compiled once, in json.cpp: every unit would spend seconds on them.
extern template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace faultline {

using Json = nlohmann::ordered_json;

/// Levels of objects and arrays in what is read from outside, at most: copies and dumps recurse.
constexpr int kDeepestJson = 64;

/// Whether a text opens more objects and arrays inside each other than that.
[[nodiscard]] bool is_too_deep(std::string_view json);

/// The document indented, with a line end. Bytes that are no UTF-8, of a path for instance, are replaced.
[[nodiscard]] std::string json_text(const Json& json);

}  // namespace faultline
