#include "faultline/report/ascii_plot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "report/example_curve.h"

namespace faultline {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

// The line of the plot whose axis label is that percentage.
std::string row_at(const std::string& text, const std::string& label) {
  for (const std::string& line : lines_of(text)) {
    if (line.find(label + " %  +") != std::string::npos) {
      return line;
    }
  }
  ADD_FAILURE() << "no row " << label << " in\n" << text;
  return "";
}

TEST(CurveAscii, DrawsTheStepsToScale) {
  const std::string text = curve_ascii({.epsilon_max = 0.4}, std::vector<Curve>{example_curve()}, 89);
  // 79 columns for 0..0.4: 80 % below 0.1 (column 19.5), 40 % up to 0.2 (column 39), 20 % from there on.
  EXPECT_EQ(row_at(text, "80"), " 80 %  +" + std::string(20, '*'));
  EXPECT_EQ(row_at(text, " 40"), " 40 %  +" + std::string(20, ' ') + std::string(19, '*'));
  EXPECT_EQ(row_at(text, "20"), " 20 %  +" + std::string(39, ' ') + std::string(40, '*'));
  EXPECT_EQ(row_at(text, "60"), " 60 %  +" + std::string(20, ' ') + "|");
}

TEST(CurveAscii, KeepsToTheWidthAndToAscii) {
  const std::vector<Curve> curves{example_curve(std::string(200, 'x')), example_curve("\xC3\xA9\x1B[31m"),
                                  example_curve("c")};
  for (const int width : {1, 60, 75, 100, 500}) {
    const std::string text = curve_ascii({.title = std::string(300, 't'), .subtitle = "s\n"}, curves, width);
    for (const std::string& line : lines_of(text)) {
      EXPECT_LE(line.size(), static_cast<std::size_t>(std::clamp(width, 60, 100)));
      EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
    }
    EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
  }
}

TEST(CurveAscii, TellsCurvesApartAndCountsTheirSamples) {
  const Curve robust = curve_of("robust", SurvivalCurve(std::vector<double>{kNotFound, kNotFound}), {});
  const Curve broken = curve_of("broken", SurvivalCurve(std::vector<double>{0}), {});
  const std::string text = curve_ascii({.epsilon_max = 1}, std::vector<Curve>{robust, example_curve(), broken}, 80);
  EXPECT_NE(text.find("*** robust (n = 2)"), std::string::npos);
  EXPECT_NE(text.find("ooo WK17a (n = 5)"), std::string::npos);
  EXPECT_NE(text.find("+++ broken (n = 1)"), std::string::npos);
  EXPECT_EQ(row_at(text, "100"), "100 %  +" + std::string(70, '*'));
  EXPECT_EQ(row_at(text, "  0"), "  0 %  +" + std::string(70, '+'));
}

TEST(CurveAscii, LabelsTheAxis) {
  const std::vector<std::string> lines =
      lines_of(curve_ascii({.epsilon_max = 0.002}, std::vector<Curve>{example_curve()}, 80));
  const std::string labels = lines.at(lines.size() - 2);
  EXPECT_NE(labels.find("0.0005"), std::string::npos) << labels;
  EXPECT_NE(labels.find("0.0020"), std::string::npos) << labels;
  EXPECT_EQ(lines.back().substr(lines.back().find_first_not_of(' ')), "epsilon");
}

TEST(CurveAscii, SaysWhenThereAreNoSamples) {
  const std::string text = curve_ascii({}, std::vector<Curve>{Curve{.name = "none"}}, 80);
  EXPECT_NE(text.find("none (no samples)"), std::string::npos);
}

TEST(CurveAscii, HasRoomForThreeCurves) {
  const std::vector<Curve> curves(4, example_curve());
  EXPECT_THROW((void)curve_ascii({}, curves, 80), std::logic_error);
}

}  // namespace
}  // namespace faultline
