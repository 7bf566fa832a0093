#include "faultline/report/png_triptych.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "faultline/core/error.h"
#include "refusal.h"

namespace faultline {
namespace {

constexpr int kGutter = 8;

class PngTriptych : public testing::Test {
 protected:
  PngTriptych() { std::filesystem::create_directories(folder_); }
  ~PngTriptych() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::filesystem::path path() const { return folder_ / "finding.png"; }
  [[nodiscard]] cv::Mat read() const { return cv::imread(path().string(), cv::IMREAD_UNCHANGED); }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("faultline_triptych_" + std::to_string(getpid()));
};

TEST(RoundTo8Bits, AgreesWithAHandComputedExample) {
  const Tensor rounded =
      round_to_8_bits(at::tensor({0.0, 1.0, 0.1, 0.5, 0.501, 0.49 / 255, 1.51 / 255}, at::kFloat), {});
  const std::array<int, 7> levels{0, 255, 26, 128, 128, 0, 2};  // 127.5 is a tie: half to even
  for (std::int64_t i = 0; i < 7; ++i) {
    const float expected = static_cast<float>(levels[static_cast<std::size_t>(i)] / 255.0);
    EXPECT_EQ(rounded[i].item<float>(), expected) << i;
  }
}

TEST(RoundTo8Bits, ScalesToTheBounds) {
  const Tensor rounded =
      round_to_8_bits(at::tensor({-1.0, 1.0, 0.0, 0.25}, at::kFloat), Bounds{.lower = -1, .upper = 1});
  EXPECT_EQ(rounded[0].item<float>(), -1.0F);
  EXPECT_EQ(rounded[1].item<float>(), 1.0F);
  EXPECT_EQ(rounded[2].item<float>(), static_cast<float>(-1 + 128 / 255.0 * 2));
  EXPECT_EQ(rounded[3].item<float>(), static_cast<float>(-1 + 159 / 255.0 * 2));
}

TEST(RoundTo8Bits, IsIdempotentAndMovesByHalfALevelAtMost) {
  for (const Bounds bounds : {Bounds{0, 1}, Bounds{-1, 1}, Bounds{0, 255}, Bounds{-2.1, 2.6}}) {
    const double side = bounds.upper - bounds.lower;
    const Tensor inputs = (at::linspace(0, 1, 10001, at::kDouble) * side + bounds.lower).to(at::kFloat);
    const Tensor rounded = round_to_8_bits(inputs, bounds);
    EXPECT_EQ(rounded.scalar_type(), at::kFloat);
    EXPECT_TRUE(at::equal(round_to_8_bits(rounded, bounds), rounded));
    EXPECT_LE((rounded - inputs).abs().max().item<double>(), side / 255 / 2 * (1 + 1e-4));
  }
}

TEST(RoundTo8Bits, KeepsEveryLevelOfAFile) {
  for (const Bounds bounds : {Bounds{0, 1}, Bounds{-1, 1}, Bounds{0, 255}}) {
    const Tensor levels = at::arange(256, at::kDouble);
    const Tensor read = (levels / 255.0 * (bounds.upper - bounds.lower) + bounds.lower).to(at::kFloat);
    EXPECT_TRUE(at::equal(round_to_8_bits(read, bounds), read));
  }
}

TEST_F(PngTriptych, ShowsCleanAdversarialAndAmplifiedDifference) {
  Tensor clean = at::zeros({1, 28, 28});
  clean[0][0][27] = 1;
  Tensor adversarial = clean.clone();
  adversarial[0][0][0] = 0.1;
  adversarial[0][27][27] = 0.05;
  adversarial[0][0][27] = 0.9;
  write_png_triptych(path(), clean, adversarial, Bounds{});
  const cv::Mat image = read();
  ASSERT_EQ(image.channels(), 1);
  ASSERT_EQ(image.rows, 140);  // 5 x 28
  ASSERT_EQ(image.cols, 3 * 140 + 2 * kGutter);
  const int second = 140 + kGutter;
  const int third = 2 * second;
  EXPECT_EQ(image.at<unsigned char>(0, 139), 255);
  EXPECT_EQ(image.at<unsigned char>(4, 135), 255);  // a pixel became 5 x 5
  EXPECT_EQ(image.at<unsigned char>(5, 135), 0);
  EXPECT_EQ(image.at<unsigned char>(0, second), 26);
  EXPECT_EQ(image.at<unsigned char>(0, third), 255);        // +0.1, the largest
  EXPECT_EQ(image.at<unsigned char>(0, third + 139), 1);    // -0.1
  EXPECT_EQ(image.at<unsigned char>(70, third + 70), 128);  // no difference
  EXPECT_NEAR(image.at<unsigned char>(139, third + 139), 128 + 63.5, 1);
  EXPECT_EQ(image.at<unsigned char>(70, 140), 255);  // gutter
}

TEST_F(PngTriptych, KeepsTheOrderOfColours) {
  Tensor clean = at::zeros({3, 200, 150});
  clean[0].fill_(1);  // red
  write_png_triptych(path(), clean, clean, Bounds{});
  const cv::Mat image = read();
  ASSERT_EQ(image.rows, 200);
  ASSERT_EQ(image.cols, 3 * 150 + 2 * kGutter);
  EXPECT_EQ(image.at<cv::Vec3b>(0, 0), cv::Vec3b(0, 0, 255));  // OpenCV gives BGR
  EXPECT_EQ(image.at<cv::Vec3b>(0, 2 * (150 + kGutter)), cv::Vec3b(128, 128, 128));
}

TEST_F(PngTriptych, RefusesWhatIsNoImage) {
  for (const auto& shape :
       std::vector<std::vector<std::int64_t>>{{2, 8, 8}, {8, 8}, {4, 8, 8}, {1, 0, 8}, {1, 1, 8, 8}}) {
    const Tensor inputs = at::zeros(shape);
    const std::string message = refusal([&] { write_png_triptych(path(), inputs, inputs, Bounds{}); });
    EXPECT_NE(message.find("[C, H, W]"), std::string::npos) << message;
  }
  EXPECT_NE(refusal([&] {
              write_png_triptych(path(), at::zeros({1, 8, 8}), at::zeros({1, 8, 9}), Bounds{});
            }).find("[1, 8, 9]"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(PngTriptych, NamesAFileThatCannotBeWritten) {
  const auto missing = folder_ / "missing" / "finding.png";
  const Tensor inputs = at::zeros({1, 8, 8});
  const std::string message = refusal([&] { write_png_triptych(missing, inputs, inputs, Bounds{}); });
  EXPECT_NE(message.find("missing"), std::string::npos) << message;
}

TEST_F(PngTriptych, ReplacesAFileAndLeavesNothingElse) {
  const Tensor inputs = at::zeros({1, 8, 8});
  write_png_triptych(path(), inputs, inputs, Bounds{});
  write_png_triptych(path(), inputs + 0.5, inputs, Bounds{});
  EXPECT_EQ(read().at<unsigned char>(0, 0), 128);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

}  // namespace
}  // namespace faultline
