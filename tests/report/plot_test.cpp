#include "faultline/report/plot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "report/example_curve.h"

namespace faultline {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
    ++found;
  }
  return found;
}

// The path drawn for the only curve: it is the one that is not filled and comes before any bar.
std::string line_of(const std::string& svg) {
  const std::size_t end = svg.find("\" fill=\"none\"");
  const std::size_t begin = svg.rfind("<path d=\"", end) + 9;
  return end == std::string::npos ? "" : svg.substr(begin, end - begin);
}

TEST(CurveOf, TakesStepsProbesAndBandFromTheDistances) {
  const Curve curve = example_curve("WK17a", {0.1});
  ASSERT_EQ(curve.steps.size(), 3U);
  EXPECT_DOUBLE_EQ(curve.steps[0].value, 0.8);
  EXPECT_DOUBLE_EQ(curve.steps[1].value, 0.4);
  EXPECT_DOUBLE_EQ(curve.steps[2].value, 0.2);
  EXPECT_EQ(curve.probes.at(0).accuracy, wilson(2, 5));
  EXPECT_DOUBLE_EQ(curve.band_half_width, dkw_half_width(5));
  EXPECT_EQ(curve.samples, 5);
}

TEST(CurveOf, WithoutSamplesHasNothingToDraw) {
  const Curve curve = curve_of("none", SurvivalCurve(std::vector<double>{}), std::vector<double>{0.1});
  EXPECT_TRUE(curve.steps.empty() && curve.probes.empty());
}

TEST(ValueAt, IsContinuousFromTheRight) {
  const Curve curve = example_curve("WK17a", {0.1});
  EXPECT_DOUBLE_EQ(value_at(curve, 0), 0.8);
  EXPECT_DOUBLE_EQ(value_at(curve, 0.0999), 0.8);
  EXPECT_DOUBLE_EQ(value_at(curve, 0.1), 0.4);
  EXPECT_DOUBLE_EQ(value_at(curve, 5), 0.2);
}

TEST(EpsilonEnd, IsTheGivenOneOrARoundOneBehindTheLastStep) {
  EXPECT_EQ(epsilon_end({.epsilon_max = 0.37}, {}), 0.37);
  EXPECT_EQ(epsilon_end({}, {}), 1);
  const std::vector<Curve> curves{example_curve("WK17a", {0.1})};
  EXPECT_NEAR(epsilon_end({}, curves), 0.25, 1e-12);
}

TEST(CurveSvg, DrawsTheStepsToScale) {
  const std::vector<Curve> curves{example_curve("WK17a", {0.1})};
  const std::string line = line_of(curve_svg({.epsilon_max = 0.4}, curves));
  // The plot is 666 x 300 pixels from (66, y0): a fall from 80 % to 40 % at a quarter, to 20 % at half.
  std::smatch match;
  ASSERT_TRUE(std::regex_match(line, match, std::regex("M66 ([0-9.]+)H232.5V([0-9.]+)H399V([0-9.]+)H732"))) << line;
  EXPECT_NEAR(std::stod(match[2]) - std::stod(match[1]), 120, 0.02);
  EXPECT_NEAR(std::stod(match[3]) - std::stod(match[2]), 60, 0.02);
}

TEST(CurveSvg, HasTheSameBytesEveryTime) {
  const std::vector<Curve> curves{example_curve("a", {0.1}), example_curve("b", {0.1})};
  EXPECT_EQ(curve_svg({.title = "t"}, curves), curve_svg({.title = "t"}, curves));
}

TEST(CurveSvg, NamesEverythingForReadersOfTheScreen) {
  const std::vector<Curve> curves{example_curve("<WK17a>", {0.1})};
  const std::string svg = curve_svg({.title = "A & B", .subtitle = "linf", .epsilon_max = 0.4}, curves);
  EXPECT_NE(svg.find("<title>A &amp; B</title>"), std::string::npos);
  EXPECT_NE(svg.find("<desc>&lt;WK17a&gt;: 80 % at epsilon 0, 20 % at the right end, 5 samples.</desc>"),
            std::string::npos);
  EXPECT_NE(svg.find("<title>&lt;WK17a&gt; at 0.1: 40 % ("), std::string::npos);
  EXPECT_EQ(svg.find("<WK17a>"), std::string::npos);
}

TEST(CurveSvg, LoadsNothingAndRunsNothing) {
  const std::vector<Curve> curves{example_curve("a", {0.1}), example_curve("b", {0.1}), example_curve("c", {0.1})};
  const std::string svg = curve_svg({.title = "t"}, curves);
  for (const std::string part :
       {"<script", "href", "url(", "@import", "@font-face", "javascript", " id=", "nan", "inf"}) {
    EXPECT_EQ(svg.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(count(svg, "http"), 1U);  // the name space
}

TEST(CurveSvg, ShowsDarkAndPrintedColours) {
  const std::string svg = curve_svg({}, std::vector<Curve>{example_curve("WK17a", {0.1})});
  EXPECT_EQ(count(svg, "@media (prefers-color-scheme:dark)"), 1U);
  EXPECT_EQ(count(svg, "@media print"), 1U);
}

// Other renderers would take the rule, which beats the attribute, and paint black or nothing.
TEST(CurveSvg, RulesAreForThoseWhoKnowVariablesOnly) {
  const std::string svg = curve_svg({}, std::vector<Curve>{example_curve("WK17a", {0.1})});
  const std::size_t begin = svg.find("<style>\n@supports (color:var(--ink)){\n");
  const std::size_t end = svg.find("}\n}\n</style>");
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::string rules = svg.substr(begin, end + 4 - begin);
  EXPECT_EQ(count(rules, "{"), count(rules, "}"));
  EXPECT_EQ(count(svg, "<style>"), 1U);
}

TEST(CurveSvg, EveryPaintHasItsRule) {
  const std::string svg = curve_svg({.title = "t"}, std::vector<Curve>(7, example_curve("WK17a", {0.1})));
  const std::regex attribute(" class=\"((fill|stroke)-[^\"]*)\"");
  for (std::sregex_iterator it(svg.begin(), svg.end(), attribute), end; it != end; ++it) {
    std::istringstream classes((*it)[1]);
    for (std::string name; classes >> name;) {
      EXPECT_EQ(count(svg, ".faultline-plot ." + name + "{"), 1U) << name;
    }
  }
  EXPECT_NE(svg.find("class=\"stroke-paper fill-line-0\""), std::string::npos);  // of a marker
}

TEST(CurveSvg, SaysWhenThereAreNoSamples) {
  const Curve empty{.name = "none"};
  EXPECT_EQ(count(curve_svg({}, std::vector<Curve>{empty}), ">no samples<"), 2U);  // legend and plot
  EXPECT_EQ(count(curve_svg({}, std::vector<Curve>{empty, example_curve("WK17a", {0.1})}), ">no samples<"),
            1U);  // legend
  EXPECT_EQ(count(curve_svg({}, {}), ">no samples<"), 1U);
}

TEST(CurveSvg, StaysSmallHoweverManySamples) {
  std::vector<double> distances;
  for (int i = 0; i < 100000; ++i) {
    distances.push_back(i * 1e-6);
  }
  const std::vector<Curve> curves{curve_of("many", SurvivalCurve(distances), {})};
  const std::string svg = curve_svg({.epsilon_max = 0.1}, curves);
  ASSERT_LT(svg.size(), 100000U);
  const std::string line = line_of(svg);
  const std::size_t last = line.rfind('H', line.rfind('V')) + 1;
  EXPECT_NEAR(std::stod(line.substr(last)), 732, 1) << "the last fall is at the right end, to less than a pixel";
}

TEST(CurveSvg, LeavesOutWhatLiesBehindTheEnd) {
  Curve curve = example_curve("WK17a", {0.1});
  curve.probes = {{.epsilon = 0.5, .accuracy = wilson(1, 5)}};
  const std::string svg = curve_svg({.epsilon_max = 0.15}, std::vector<Curve>{curve});
  EXPECT_EQ(count(line_of(svg), "V"), 1U);
  EXPECT_EQ(svg.find("at 0.5:"), std::string::npos);
}

}  // namespace
}  // namespace faultline
