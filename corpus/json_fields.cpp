#include "faultline/corpus/json_fields.h"

#include <utility>

namespace faultline {

bool has_schema(const Json& json, const char* schema) {
  if (!json.is_object()) {
    return false;
  }
  const auto field = json.find("schema");
  return field != json.end() && field->is_string() && *field == schema;
}

std::int64_t integer(const Json& value) {
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || std::in_range<std::int64_t>(value.get<std::uint64_t>()));
  if (!fits) {
    throw Json::type_error::create(302, "expected an integer below 2^63", &value);
  }
  return value.get<std::int64_t>();
}

std::vector<std::int64_t> integers(const Json& values) {
  std::vector<std::int64_t> list;
  for (const Json& value : values.get_ref<const Json::array_t&>()) {
    list.push_back(integer(value));
  }
  return list;
}

}  // namespace faultline
