// JSON: the one type the project uses for it. Keys keep the order in which they were written.
//
//   const Json document{{"schema", "faultline.attack/1"}, {"samples", 100}};
#pragma once

#include <concepts>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Its member functions are compiled once, in json.cpp: every unit would spend seconds on them.
extern template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace faultline {

using Json = nlohmann::ordered_json;

/// Levels of objects and arrays in what is read, at most: copies and dumps recurse.
constexpr int kDeepestJson = 64;

/// The one reader of JSON from outside: of a text that is none, or is nested more deeply than kDeepestJson, a discarded
/// value, whose at() throws nlohmann::json::exception.
[[nodiscard]] Json parse_json(std::string_view text);

/// Throws nlohmann::json::exception when the value is no integer that an Integer holds: nlohmann's get() makes one of a
/// fraction without a word, and of a number that is too large by undefined behaviour.
template <std::integral Integer = std::int64_t>
[[nodiscard]] Integer integer(const Json& value) {
  const bool fits = value.is_number_unsigned()
                        ? std::in_range<Integer>(value.get<std::uint64_t>())
                        : value.is_number_integer() && std::in_range<Integer>(value.get<std::int64_t>());
  if (!fits) {
    throw Json::type_error::create(302, "expected an integer, and none so large", &value);
  }
  return value.get<Integer>();
}

/// The same of every element of an array.
template <std::integral Integer = std::int64_t>
[[nodiscard]] std::vector<Integer> integers(const Json& values) {
  std::vector<Integer> list;
  for (const Json& value : values.get_ref<const Json::array_t&>()) {
    list.push_back(integer<Integer>(value));
  }
  return list;
}

/// JSON has no NaN and no infinities: null stands for them, and is read as NaN. Throws nlohmann::json::exception when
/// the value is neither null nor a number.
[[nodiscard]] double number_or_nan(const Json& value);

/// The document indented, with a line end. Bytes that are no UTF-8, of a path for instance, are replaced.
[[nodiscard]] std::string json_text(const Json& json);

}  // namespace faultline
