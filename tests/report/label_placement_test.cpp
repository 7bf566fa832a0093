#include "faultline/report/label_placement.h"

#include <gtest/gtest.h>

#include <vector>

namespace faultline {
namespace {

constexpr Box kArea{.left = 0, .top = 0, .right = 600, .bottom = 300};

LabelledCurve straight(double begin, double end) {
  return {.height = [=](double x) { return begin + (end - begin) * x / 600; }, .label_width = 80, .label_height = 14};
}

bool apart(const Box& a, const Box& b) {
  return a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
}

bool clear_of(const Box& box, const LabelledCurve& curve) {
  return curve.height(box.left) > box.bottom || curve.height(box.right) < box.top;
}

TEST(LabelPlacement, LabelsAreInsideAndClearOfCurvesAndOfEachOther) {
  const std::vector<LabelledCurve> curves{straight(20, 120), straight(20, 200), straight(20, 290)};
  const auto places = place_labels(kArea, curves, {});
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(places[i].has_value());
    EXPECT_TRUE(places[i]->left >= 0 && places[i]->right <= 600 && places[i]->top >= 0 && places[i]->bottom <= 300);
    for (std::size_t k = 0; k < 3; ++k) {
      EXPECT_TRUE(clear_of(*places[i], curves[k]));
      EXPECT_TRUE(k == i || apart(*places[i], *places[k]));
    }
  }
}

TEST(LabelPlacement, ALabelIsNearestToItsOwnCurve) {
  const std::vector<LabelledCurve> curves{straight(20, 100), straight(20, 280)};
  const auto places = place_labels(kArea, curves, {});
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_TRUE(places[i].has_value());
    const double own_left = curves[i].height(places[i]->left);
    const double own_right = curves[i].height(places[i]->right);
    EXPECT_TRUE(own_left - places[i]->bottom < 8 || places[i]->top - own_right < 8);
    EXPECT_TRUE(own_left > places[i]->bottom || own_right < places[i]->top);
  }
}

TEST(LabelPlacement, KeepsClearOfObstacles) {
  const std::vector<LabelledCurve> curves{straight(20, 100), straight(20, 280)};
  const Box obstacle = place_labels(kArea, curves, {})[0].value();
  const auto places = place_labels(kArea, curves, std::vector<Box>{obstacle});
  ASSERT_TRUE(places[0].has_value());
  EXPECT_TRUE(apart(*places[0], obstacle));
}

TEST(LabelPlacement, TwoLabelsInOneGapStandBesideEachOther) {
  const Box low{.left = 0, .top = 0, .right = 600, .bottom = 60};
  const auto places = place_labels(low, std::vector<LabelledCurve>{straight(16, 16), straight(57, 57)}, {});
  ASSERT_TRUE(places[0].has_value() && places[1].has_value());
  EXPECT_TRUE(apart(*places[0], *places[1]));
}

TEST(LabelPlacement, CurvesThatCoincideGetNoLabel) {
  const std::vector<LabelledCurve> curves{straight(100, 200), straight(101, 201)};
  for (const auto& place : place_labels(kArea, curves, {})) {
    EXPECT_FALSE(place.has_value());
  }
}

TEST(LabelPlacement, ALabelWiderThanThePlotIsLeftOut) {
  std::vector<LabelledCurve> curves{straight(100, 200)};
  curves[0].label_width = 700;
  EXPECT_FALSE(place_labels(kArea, curves, {})[0].has_value());
}

}  // namespace
}  // namespace faultline
