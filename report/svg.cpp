#include "faultline/report/svg.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "faultline/core/error.h"

namespace faultline {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD in UTF-8

// How many bytes the well-formed UTF-8 sequence at the front of `text` has (RFC 3629, table 3-7 of Unicode); 0: none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint8_t>(text[i]) : std::uint8_t{0};
  };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const std::uint8_t first = byte(0);
  if (first < 0x80) {
    return 1;
  }
  if (first >= 0xC2 && first <= 0xDF) {
    return continues(1) ? 2 : 0;
  }
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) >= 0xA0;
    const bool reserved = first == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE;  // U+FFFE, U+FFFF: not in XML
    return continues(1) && continues(2) && !overlong && !surrogate && !reserved ? 3 : 0;
  }
  const bool overlong = first == 0xF0 && byte(1) < 0x90;
  const bool too_large = first > 0xF4 || (first == 0xF4 && byte(1) >= 0x90);
  return first >= 0xF0 && continues(1) && continues(2) && continues(3) && !overlong && !too_large ? 4 : 0;
}

std::string_view escaped_character(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

bool is_forbidden(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
}

}  // namespace

std::string svg_number(double value) {
  FAULTLINE_ASSERT(std::isfinite(value), "a drawing has finite numbers only");
  std::array<char, 330> buffer{};  // the largest double has 309 digits before the point
  const auto [end, status] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, 4);
  FAULTLINE_ASSERT(status == std::errc{}, "the buffer holds any double");
  std::string text(buffer.data(), end);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') {
    text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

std::string svg_escape(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    const std::string_view replaced = escaped_character(text.front());
    if (length == 0 || is_forbidden(text.front())) {
      escaped += kReplacement;
    } else {
      escaped += replaced.empty() ? text.substr(0, length) : replaced;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return escaped;
}

SvgWriter::SvgWriter(double width, double height, const SvgAttributes& root) {
  SvgAttributes attributes{{"xmlns", "http://www.w3.org/2000/svg"},
                           {"viewBox", "0 0 " + svg_number(width) + " " + svg_number(height)},
                           {"width", svg_number(width)},
                           {"height", svg_number(height)}};
  attributes.insert(attributes.end(), root.begin(), root.end());
  open("svg", attributes);
}

void SvgWriter::begin(std::string_view name, const SvgAttributes& attributes, std::string_view end) {
  FAULTLINE_ASSERT(document_.empty() || !open_.empty(), "the document is finished");
  document_.append(2 * open_.size(), ' ').append("<").append(name);
  for (const auto& [key, value] : attributes) {
    document_.append(" ").append(key).append("=\"").append(svg_escape(value)).append("\"");
  }
  document_.append(end);
}

void SvgWriter::element(std::string_view name, const SvgAttributes& attributes) { begin(name, attributes, "/>\n"); }

void SvgWriter::text(std::string_view name, const SvgAttributes& attributes, std::string_view content) {
  begin(name, attributes, ">");
  document_.append(svg_escape(content)).append("</").append(name).append(">\n");
}

void SvgWriter::style(std::string_view rules) {
  begin("style", {}, ">\n");
  document_.append(rules).append("</style>\n");
}

void SvgWriter::open(std::string_view name, const SvgAttributes& attributes) {
  begin(name, attributes, ">\n");
  open_.emplace_back(name);
}

void SvgWriter::close() {
  FAULTLINE_ASSERT(!open_.empty(), "there is no open element");
  const std::string name = open_.back();
  open_.pop_back();
  document_.append(2 * open_.size(), ' ').append("</").append(name).append(">\n");
}

std::string SvgWriter::finish() {
  while (!open_.empty()) {
    close();
  }
  return std::exchange(document_, {});
}

}  // namespace faultline
