#include "faultline/report/svg.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace faultline {
namespace {

TEST(SvgNumber, HasAtMostFourDecimalsAndNoTrailingZeros) {
  EXPECT_EQ(svg_number(0), "0");
  EXPECT_EQ(svg_number(100), "100");
  EXPECT_EQ(svg_number(1.5), "1.5");
  EXPECT_EQ(svg_number(1.0 / 3), "0.3333");
  EXPECT_EQ(svg_number(2.0 / 3), "0.6667");
  EXPECT_EQ(svg_number(-0.25), "-0.25");
  EXPECT_EQ(svg_number(-1e-9), "0");
  EXPECT_EQ(svg_number(1e-9), "0");
  EXPECT_EQ(svg_number(1e15), "1000000000000000");
  EXPECT_EQ(svg_number(std::numeric_limits<double>::max()).size(), 309U);
}

TEST(SvgNumber, RefusesWhatIsNotFinite) {
  EXPECT_THROW((void)svg_number(std::nan("")), std::logic_error);
  EXPECT_THROW((void)svg_number(std::numeric_limits<double>::infinity()), std::logic_error);
}

TEST(SvgEscape, EscapesMarkup) {
  EXPECT_EQ(svg_escape("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&#39;");
  EXPECT_EQ(svg_escape(""), "");
}

TEST(SvgEscape, KeepsUtf8AndReplacesWhatXmlForbids) {
  EXPECT_EQ(svg_escape("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"), "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(svg_escape(std::string_view("a\0b", 3)), "a" + replacement + "b");
  EXPECT_EQ(svg_escape("\x1B[31m"), replacement + "[31m");
  EXPECT_EQ(svg_escape("\x80"), replacement);                                      // continuation alone
  EXPECT_EQ(svg_escape("\xC3"), replacement);                                      // cut off
  EXPECT_EQ(svg_escape("\xE2\x82"), replacement + replacement);                    // cut off
  EXPECT_EQ(svg_escape("\xC0\xAF"), replacement + replacement);                    // overlong
  EXPECT_EQ(svg_escape("\xE0\x80\xAF").size(), 3 * replacement.size());            // overlong
  EXPECT_EQ(svg_escape("\xF0\x80\x80\xAF").size(), 4 * replacement.size());        // overlong
  EXPECT_EQ(svg_escape("\xED\xA0\x80"), replacement + replacement + replacement);  // surrogate
  EXPECT_EQ(svg_escape("\xEF\xBF\xBF"), replacement + replacement + replacement);  // U+FFFF
  EXPECT_EQ(svg_escape("\xF4\x90\x80\x80").size(), 4 * replacement.size());        // above U+10FFFF
  EXPECT_EQ(svg_escape("\xC3<"), replacement + "&lt;");                            // does not swallow markup
}

TEST(SvgWriter, WritesNestedElements) {
  SvgWriter svg(10, 20.5, {{"class", "a \"b\""}});
  svg.open("g", {{"id", "x"}});
  svg.text("text", {{"x", "1"}}, "1 < 2");
  svg.close();
  svg.open("g", {});
  svg.element("rect", {{"width", "3"}});
  EXPECT_EQ(svg.finish(),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 10 20.5\" width=\"10\" height=\"20.5\" "
            "class=\"a &quot;b&quot;\">\n"
            "  <g id=\"x\">\n"
            "    <text x=\"1\">1 &lt; 2</text>\n"
            "  </g>\n"
            "  <g>\n"
            "    <rect width=\"3\"/>\n"
            "  </g>\n"
            "</svg>\n");
}

TEST(SvgWriter, RefusesToCloseWhatIsNotOpen) {
  SvgWriter svg(1, 1, {});
  svg.close();
  EXPECT_THROW(svg.close(), std::logic_error);
  EXPECT_THROW(svg.element("rect", {}), std::logic_error);
}

}  // namespace
}  // namespace faultline
