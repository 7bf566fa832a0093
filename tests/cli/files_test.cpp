// Files that a run writes for people and for other programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "cli/workshop.h"
#include "faultline/data/npy.h"

namespace faultline {

namespace {

const std::string kData = FAULTLINE_TEST_DATA;

/// Files of a folder by their extension.
std::size_t count(const std::string& folder, const std::string& extension) {
  std::size_t number = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    number += entry.path().extension() == extension ? 1 : 0;
  }
  return number;
}

TEST(Files, RunDirectoryHoldsWhatTheDocumentSays) {
  const Workshop shop;
  const ProgramResult result = shop.attack({.epsilon = "0.27", .more = {"--json", "--out", "out", "--export", "npy"}});
  const Json document = expect_document(result);
  Json summary = Json::parse(read_file(shop / "out/summary.json"));
  EXPECT_EQ(document["exports"], (Json::array({{{"format", "npy"}, {"written", document["adversarial_errors"]}}})));
  Json without_exports = document;
  without_exports.erase("exports");
  EXPECT_EQ(summary, without_exports);
  const Json header = Json::parse(read_file(shop / "out/run.json"));
  EXPECT_EQ(header["schema"], "faultline.run/1");
  EXPECT_EQ(header["plan_hash"].get<std::string>().size(), 16U);
  EXPECT_EQ(header["plan"]["preset"], (Json{{"name", "fast"}, {"version", 1}}));
  EXPECT_EQ(header["plan"]["preset"], document["preset"]);
  EXPECT_EQ(header["plan"]["attacks"].size(), document["attacks"].size());
  int found = 0;
  for (const std::string& line : lines_of(read_file(shop / "out/samples.jsonl"))) {
    found += Json::parse(line)["status"] == "found" ? 1 : 0;
  }
  EXPECT_EQ(found, document["adversarial_errors"]);
  EXPECT_EQ(count(shop / "out/witnesses", ".safetensors"), static_cast<std::size_t>(found));
  EXPECT_EQ(open_npy(shop / "out/npy/adversarial.npy").shape, (std::vector<std::int64_t>{found, 4}));
  EXPECT_EQ(open_npy(shop / "out/npy/indices.npy").shape, (std::vector<std::int64_t>{found}));
}

TEST(Files, NothingFoundExportsNothing) {
  const Workshop shop;
  const ProgramResult result = shop.attack({.epsilon = "0", .more = {"--json", "--out", "out", "--export", "npy"}});
  EXPECT_EQ(expect_document(result)["exports"][0]["written"], 0);
}

TEST(Files, PicturesShowEveryWitness) {
  const Workshop shop;
  const ProgramResult result =
      shop.run({"attack", kData + "/mnist_nor_mlp_b.pt", "--data", "mnist:" + kData, "--limit", "12", "--norm", "linf",
                "--epsilon", "0.1", "--json", "--out", "out", "--export", "png"});
  const Json document = expect_document(result);
  const Json written = document["exports"][0];
  const int found = document["adversarial_errors"].get<int>() - document["clean_errors"].get<int>();
  ASSERT_GT(found, 0);
  EXPECT_EQ(written["format"], "png");
  EXPECT_EQ(written["written"], found);
  EXPECT_GE(written["survive_8_bits"]["count"], 1);
  EXPECT_LE(written["survive_8_bits"]["count"], found);
  EXPECT_EQ(count(shop / "out/png", ".png"), static_cast<std::size_t>(found));
  for (const auto& entry : std::filesystem::directory_iterator(shop / "out/png")) {
    const cv::Mat picture = cv::imread(entry.path().string(), cv::IMREAD_UNCHANGED);
    ASSERT_FALSE(picture.empty()) << entry.path();
    EXPECT_GE(picture.cols, 3 * 28);
    EXPECT_GE(picture.rows, 28);
  }
}

TEST(Files, CurvePictureIsWellFormed) {
  const Workshop shop;
  ASSERT_EQ(shop.curve({.model = shop.model("a & b <c>.pt", kRightModel), .more = {"--out", "out"}}).exit_code, 0);
  EXPECT_EQ(root_of(shop / "out/curve.svg"), "svg\n");
  EXPECT_THAT(read_file(shop / "out/curve.svg"), testing::HasSubstr("a &amp; b &lt;c&gt;"));
}

}  // namespace

}  // namespace faultline
