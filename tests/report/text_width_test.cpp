#include "faultline/report/text_width.h"

#include <gtest/gtest.h>

#include <string>

namespace faultline {
namespace {

TEST(TextWidth, GrowsWithTextAndSize) {
  EXPECT_EQ(text_width("", 12), 0);
  EXPECT_GT(text_width("mm", 12), text_width("ii", 12));
  EXPECT_DOUBLE_EQ(text_width("abc", 24), 2 * text_width("abc", 12));
  EXPECT_LT(text_width("\xC3\xA9", 12), text_width("ee", 12));  // two bytes, one character
}

TEST(Shortened, LeavesTextThatFits) { EXPECT_EQ(shortened("model.pt", text_width("model.pt", 12), 12), "model.pt"); }

TEST(Shortened, KeepsBothEndsAndFits) {
  const std::string path = "/a/very/long/path/to/the/place/of/model_17.pt";
  for (double width = 20; width < text_width(path, 12); width += 7) {
    const std::string text = shortened(path, width, 12);
    EXPECT_LE(text_width(text, 12), width);
    EXPECT_GT(text_width(text, 12), width - 24);  // the room is used, but for a character at each side
    const std::size_t cut = text.find("\xE2\x80\xA6");
    ASSERT_NE(cut, std::string::npos);
    EXPECT_TRUE(path.starts_with(text.substr(0, cut)) && path.ends_with(text.substr(cut + 3)));
  }
}

TEST(Shortened, CutsBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += "\xE2\x82\xAC";
  }
  for (double width = 13; width < 400; width += 5) {
    EXPECT_EQ(shortened(text, width, 12).size() % 3, 0U) << width;
  }
}

}  // namespace
}  // namespace faultline
