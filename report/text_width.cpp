#include "faultline/report/text_width.h"

#include <cstdint>

namespace faultline {

namespace {

constexpr std::string_view kEllipsis = "\xE2\x80\xA6";  // U+2026 in UTF-8

// Width of the character that begins with this byte, in multiples of the font size; following bytes have none.
double character_width(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  if (byte >= 0x80) {
    const bool continuation = (byte & 0xC0) == 0x80;
    return continuation ? 0 : byte >= 0xE0 ? 1.0 : 0.7;
  }
  const auto is_in = [&](std::string_view set) { return set.find(c) != std::string_view::npos; };
  if (is_in("ijl'|")) {
    return 0.3;
  }
  if (is_in(" .,:;/\\!fItr()[]-")) {
    return 0.4;
  }
  if (is_in("mwMW%@")) {
    return 0.95;
  }
  return c >= 'A' && c <= 'Z' ? 0.72 : c == '_' ? 0.5 : 0.61;
}

}  // namespace

double text_width(std::string_view text, double font_size) {
  double width = 0;
  for (const char c : text) {
    width += character_width(c);
  }
  return width * font_size;
}

std::string shortened(std::string_view text, double width, double font_size) {
  if (text_width(text, font_size) <= width) {
    return std::string(text);
  }
  const double half = (width - text_width(kEllipsis, font_size)) / 2;
  std::size_t begin = 0;
  for (double left = half; begin < text.size() && (left -= character_width(text[begin]) * font_size) >= 0;) {
    ++begin;
  }
  std::size_t end = text.size();
  for (double left = half; end > begin && (left -= character_width(text[end - 1]) * font_size) >= 0;) {
    --end;
  }
  while (end < text.size() && character_width(text[end]) == 0) {
    ++end;  // not in the middle of a character
  }
  return std::string(text.substr(0, begin)) + std::string(kEllipsis) + std::string(text.substr(end));
}

}  // namespace faultline
