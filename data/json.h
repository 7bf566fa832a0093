// JSON: the one type the project uses for it. Keys keep the order in which they were written.
//
//   const Json document{{"schema", "faultline.attack/1"}, {"samples", 100}};
#pragma once

#include <nlohmann/json.hpp>
#include <string>

// Its member functions are compiled once, in json.cpp: every unit would spend seconds on them.
extern template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace faultline {

using Json = nlohmann::ordered_json;

/// The document indented, with a line end. Bytes that are no UTF-8, of a path for instance, are replaced.
[[nodiscard]] std::string json_text(const Json& json);

}  // namespace faultline
