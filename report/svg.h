// Writes SVG: elements, escaped text, short numbers. The same calls give the same bytes.
// Must not know what is drawn.
//
//   SvgWriter svg(/*width=*/100, /*height=*/50, {{"class", "plot"}});
//   svg.element("line", {{"x2", svg_number(99.5)}, {"stroke", "red"}});
//   std::string document = svg.finish();
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace faultline {

/// The number with at most four decimals, no trailing zeros, no exponent and no negative zero. Precondition: finite.
[[nodiscard]] std::string svg_number(double value);

/// The text for use in content or between quotes: & < > " ' escaped; what XML forbids (control characters, bytes that
/// are no UTF-8) becomes U+FFFD.
[[nodiscard]] std::string svg_escape(std::string_view text);

/// Names and unescaped values of an element's attributes, in the order in which they are written.
using SvgAttributes = std::vector<std::pair<std::string_view, std::string>>;

/// Invariant: document_ holds the root element and, in order, all elements written so far; open_ those not yet closed.
class SvgWriter {
 public:
  /// Begins a document of that size in user units, with further attributes of the root element.
  SvgWriter(double width, double height, const SvgAttributes& root);

  /// An element without content.
  void element(std::string_view name, const SvgAttributes& attributes);

  /// An element that holds nothing but text; the text is escaped.
  void text(std::string_view name, const SvgAttributes& attributes, std::string_view content);

  /// Style rules, unescaped: they must come from the program, not from a user.
  void style(std::string_view rules);

  /// Begins an element that holds the elements that follow, up to close().
  void open(std::string_view name, const SvgAttributes& attributes);
  void close();

  /// Closes what is open and returns the document, which ends with a newline. The writer is empty afterwards.
  [[nodiscard]] std::string finish();

 private:
  void begin(std::string_view name, const SvgAttributes& attributes, std::string_view end);

  std::string document_;
  std::vector<std::string> open_;
};

}  // namespace faultline
