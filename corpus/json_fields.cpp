#include "faultline/corpus/json_fields.h"

#include <charconv>
#include <climits>
#include <utility>

namespace faultline {

namespace {

/// A piece of a text.
struct Piece {
  std::size_t begin = 0;
  std::size_t length = 0;
};

/// Whether the character is one that a terminal obeys.
bool is_control(unsigned character) { return character < 0x20 || (character >= 0x7f && character < 0xa0); }

/// The length of the escape with which `text` begins, if it stands for a control character; else 0.
std::size_t control_escape(std::string_view text) {
  constexpr std::size_t kLong = 6;  // \uXXXX
  if (text.size() < 2 || text[1] != 'u') {
    return text.size() >= 2 && std::string_view("bfnrt").find(text[1]) != std::string_view::npos ? 2 : 0;
  }
  unsigned character = UINT_MAX;
  const std::string_view digits = text.substr(2, kLong - 2);
  std::from_chars(digits.data(), digits.data() + digits.size(), character, /*base=*/16);
  return is_control(character) ? kLong : 0;
}

/// Where the first control character from `begin` on stands; at the end of the text when there is none.
Piece next_control(std::string_view text, std::size_t begin) {
  for (std::size_t i = text.find_first_of("\\\x7f\xc2", begin); i < text.size();
       i = text.find_first_of("\\\x7f\xc2", i)) {
    if (text[i] == '\\') {
      if (const std::size_t length = control_escape(text.substr(i)); length != 0) {
        return {i, length};
      }
      i += 2;
    } else if (text[i] == '\x7f') {
      return {i, 1};
    } else if (i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      return {i, 2};  // U+0080 to U+009F
    } else {
      ++i;
    }
  }
  return {text.size(), 0};
}

}  // namespace

bool has_schema(const Json& json, const char* schema) {
  if (!json.is_object()) {
    return false;
  }
  const auto field = json.find("schema");
  return field != json.end() && field->is_string() && *field == schema;
}

bool has_control_characters(std::string_view json) { return next_control(json, 0).length != 0; }

std::string json_line(const Json& json) {
  std::string text = json.dump(/*indent=*/-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  for (Piece found = next_control(text, 0); found.length != 0;
       found = next_control(text, found.begin + kReplacement.size())) {
    text.replace(found.begin, found.length, kReplacement);
  }
  return text;
}

}  // namespace faultline
