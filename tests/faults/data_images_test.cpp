// Image folders and manifests.
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "faultline/data/image_file.h"
#include "faultline/data/manifest.h"
#include "faults/data_checks.h"

namespace faultline {
namespace {

using namespace fixtures;

using Shape = std::vector<std::int64_t>;

/// An image file of one colour, whose first pixel is red.
std::string encode(const std::string& suffix, int height, int width, const cv::Scalar& blue_green_red) {
  cv::Mat image(height, width, CV_8UC3, blue_green_red);
  image.at<cv::Vec3b>(0, 0) = {0, 0, 255};
  std::vector<unsigned char> bytes;
  EXPECT_TRUE(cv::imencode(suffix, image, bytes, {cv::IMWRITE_JPEG_QUALITY, 100}));
  return bytes_of(bytes);
}

class DataImages : public testing::Test {
 protected:
  std::string png(const std::string& name, int height, int width, int gray = 0) const {
    return folder.write(name, encode(".png", height, width, cv::Scalar::all(gray)));
  }

  [[nodiscard]] std::string spec() const { return "images:" + folder.path().string(); }

  TemporaryFolder folder;
};

TEST_F(DataImages, FoldersAreClassesInByteOrder) {
  png("dog/2.png", 2, 3, 20);
  png("dog/10.png", 2, 3, 10);
  png("Cat/a.PNG", 2, 3, 51);
  folder.write("dog/notes.txt", "not an image");
  folder.write("dog/.hidden.png", "not an image");
  const auto data = open_data(folder.path().string());
  EXPECT_EQ(data->class_names(), (std::vector<std::string>{"Cat", "dog"}));
  EXPECT_EQ(data->labels(), (std::vector<std::int64_t>{0, 1, 1}));
  EXPECT_EQ(data->sample_shape(), (Shape{3, 2, 3}));
  const Tensor images = data->read(0, 3);
  EXPECT_EQ(values_of(images[0][0]), (std::vector<float>{1, 0.2F, 0.2F, 0.2F, 0.2F, 0.2F}));
  EXPECT_EQ(values_of(images[0][2]), (std::vector<float>{0, 0.2F, 0.2F, 0.2F, 0.2F, 0.2F}));
  EXPECT_EQ(images[1][1][1][1].item<float>(), 10 / 255.0F);
  EXPECT_EQ(data->files(1, 2),
            (std::vector<std::filesystem::path>{folder.path() / "dog/10.png", folder.path() / "dog/2.png"}));
}

TEST_F(DataImages, ClassesFileGivesNamesAndOrder) {
  png("dog/a.png", 2, 2);
  png("cat/a.png", 2, 2);
  const DataOptions options{.classes = folder.write("names.txt", "dog\nbird\ncat\n")};
  const auto data = open_data(spec(), options);
  EXPECT_EQ(data->labels(), (std::vector<std::int64_t>{0, 2}));
  EXPECT_EQ(data->files(0, 1).front(), options.classes);
  const DataOptions lacking{.classes = folder.write("names.txt", "dog\n")};
  expect_data_refused(spec(), {"names.txt", "'cat'"}, lacking);
}

TEST_F(DataImages, ManifestGivesLabelsAndGroups) {
  png("pictures/a.png", 2, 2, 10);
  png("pictures/b, c.png", 2, 2, 20);
  const std::string manifest =
      folder.write("list.csv", "path,label,group\r\npictures/a.png,4,night\r\n\"pictures/b, c.png\",2,day\r\n");
  const auto data = open_data(manifest);
  EXPECT_EQ(data->labels(), (std::vector<std::int64_t>{4, 2}));
  EXPECT_EQ(data->groups(), (std::vector<std::string>{"night", "day"}));
  EXPECT_EQ(data->read(1, 1)[0][0][1][1].item<float>(), 20 / 255.0F);
  EXPECT_EQ(data->files(0, 2).front(), manifest);
}

TEST_F(DataImages, CsvFieldsMayBeQuoted) {
  EXPECT_EQ(split_csv("a,\"b,\"\"c\"\"\",,d"), (std::vector<std::string>{"a", "b,\"c\"", "", "d"}));
}

TEST_F(DataImages, GrayImagesGetThreeEqualChannels) {
  cv::Mat image(2, 2, CV_8UC1, cv::Scalar(51));
  ASSERT_TRUE(cv::imwrite((folder.path() / "g.png").string(), image));
  EXPECT_TRUE(at::equal(decode_image(folder.path() / "g.png"), at::full({3, 2, 2}, 51, at::kByte)));
}

TEST_F(DataImages, ExifOrientationIsApplied) {
  const std::string plain = encode(".jpg", 8, 16, cv::Scalar(255, 0, 0));
  // A little-endian TIFF block with one entry: orientation (0x0112), short, 6 = turn clockwise by 90 degrees.
  const std::string tiff("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0", 26);
  const std::string body = std::string("Exif\0\0", 6) + tiff;
  const std::string segment = std::string("\xff\xe1\0", 3) + static_cast<char>(body.size() + 2) + body;
  const Tensor flat = decode_image(folder.write("flat.jpg", plain));
  const Tensor turned = decode_image(folder.write("turned.jpg", plain.substr(0, 2) + segment + plain.substr(2)));
  EXPECT_TRUE(at::equal(turned, flat.rot90(-1, {1, 2})));
}

TEST_F(DataImages, ResizeIsAntialiased) {
  // Halving a ramp: each output weighs four neighbours with 1, 3, 3, 1 eighths, fewer (renormalised) at the borders.
  const Tensor ramp =
      at::tensor({0, 80, 160, 240, 80, 0, 160, 80}, at::kByte).reshape({1, 1, 8}).expand({3, 8, 8}).contiguous();
  const Tensor half = resize_antialiased(ramp, 8, 4);
  const std::vector<double> expected = {(3 * 0 + 3 * 80 + 160) / 7.0, (80 + 3 * 160 + 3 * 240 + 80) / 8.0,
                                        (240 + 3 * 80 + 3 * 0 + 160) / 8.0, (0 + 3 * 160 + 3 * 80) / 7.0};
  for (std::int64_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(half[1][3][i].item<int>(), expected[static_cast<std::size_t>(i)], 0.51);
  }
  const Tensor even = at::full({3, 9, 7}, 77, at::kByte);
  EXPECT_TRUE(at::equal(resize_antialiased(even, 4, 5), at::full({3, 4, 5}, 77, at::kByte)));
}

TEST_F(DataImages, ResizeThenCropGivesOneSize) {
  png("a/1.png", 10, 20);
  png("a/2.png", 30, 8);
  const auto data = open_data(spec(), {.resize = {{6, 8}}, .crop = {{4, 4}}});
  EXPECT_EQ(data->read(0, 2).sizes(), (Shape{2, 3, 4, 4}));
}

TEST_F(DataImages, CropIsTakenFromTheMiddle) {
  const Tensor image = at::arange(7, at::kByte).reshape({1, 1, 7}).expand({3, 5, 7});
  EXPECT_TRUE(at::equal(crop_center(image, 5, 3, "i")[0][0], at::tensor({2, 3, 4}, at::kByte)));
  EXPECT_TRUE(at::equal(crop_center(image, 5, 4, "i")[0][0], at::tensor({2, 3, 4, 5}, at::kByte)));  // round(1.5) = 2
  EXPECT_TRUE(
      at::equal(crop_center(image, 5, 6, "i")[0][0], at::tensor({0, 1, 2, 3, 4, 5}, at::kByte)));  // round(0.5) = 0
}

TEST_F(DataImages, SizesThatDifferAreRefused) {
  png("a/1.png", 4, 4);
  png("a/2.png", 4, 5);
  png("a/3.png", 5, 5);
  expect_data_refused(spec(), {"2.png", "4x5", "1.png", "4x4", "--resize"});
  expect_data_refused(spec(), {"1.png", "smaller than --crop"}, {.crop = {{9, 2}}});
  expect_data_refused(spec(), {"at least 1"}, {.resize = {{0, 2}}});
  expect_data_refused(spec(), {"--layout nhwc"}, {.layout = Layout::kNhwc});
}

TEST_F(DataImages, FoldersWithoutImagesAreRefused) {
  expect_data_refused(spec(), {"one folder of images per class"});
  png("a/1.png", 4, 4);
  folder.write("b/notes.txt", "no image");
  expect_data_refused(spec(), {"/b:", "holds no images"});
}

TEST_F(DataImages, UnreadableImagesAreNamed) {
  png("a/1.png", 4, 4);
  folder.write("a/2.png", "no image");
  expect_data_refused(spec(), {"2.png", "cannot be decoded"});
  folder.write("a/2.png", encode(".png", 40, 40, cv::Scalar(1, 2, 3)).substr(0, 120));
  expect_data_refused(spec(), {"2.png", "cannot be decoded"}, {.resize = {{4, 4}}});
  folder.write("a/2.png", "");
  expect_data_refused(spec(), {"2.png", "is empty"});
}

TEST_F(DataImages, TruncatedJpegsAreRefused) {
  const std::string whole = encode(".jpg", 32, 32, cv::Scalar(1, 100, 3));
  EXPECT_EQ(decode_image(folder.write("i.jpg", whole)).size(1), 32);
  const std::string part = folder.write("i.jpg", whole.substr(0, whole.size() - 20));
  expect_refusal([&] { (void)decode_image(part); }, {"i.jpg", "truncated"});
}

TEST_F(DataImages, DamagedManifestsAreRefusedByLine) {
  png("a.png", 4, 4);
  const auto refused = [&](const std::string& text, const std::vector<std::string>& words) {
    expect_data_refused("images:" + folder.write("list.csv", text), words);
  };
  refused("file,label\na.png,1\n", {"list.csv", "line 1", "'path'"});
  refused("path,class\na.png,1\n", {"line 1", "'label'"});
  refused("path,label\na.png,1\na.png\n", {"line 3", "1 fields; expected 2"});
  refused("path,label\na.png,one\n", {"line 2", "'one'", "class number"});
  refused("path,label\na.png,-1\n", {"line 2", "'-1'"});
  refused("path,label\na.png,99999999999999999999\n", {"line 2", "class number"});
  refused("path,label\n\nb.png,1\n", {"line 3", "b.png", "does not exist"});
  refused("path,label\n", {"lists no images"});
  refused("", {"is empty"});
}

}  // namespace
}  // namespace faultline
