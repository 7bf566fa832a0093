// CIFAR-10-C arrays and ImageNet-C folders.
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "faults/data_checks.h"

namespace faultline {
namespace {

using namespace fixtures;

using Shape = std::vector<std::int64_t>;

constexpr int kPerSeverity = 3;
constexpr int kRows = kPerSeverity * kSeverities;

class CorruptedSets : public testing::Test {
 protected:
  /// Row r of an array is all of value `base` + r.
  void array(const std::string& name, int base) const {
    std::string pixels;
    for (int row = 0; row < kRows; ++row) {
      pixels += std::string(2 * 2 * 3, static_cast<char>(base + row));
    }
    folder.write(name + ".npy", npy("|u1", "(" + std::to_string(kRows) + ", 2, 2, 3)", pixels));
  }

  void labels(int rows = kRows) const {
    std::string values;
    for (int row = 0; row < rows; ++row) {
      values += static_cast<char>(row % kPerSeverity);
    }
    folder.write("labels.npy", npy("|u1", "(" + std::to_string(rows) + ",)", values));
  }

  void cell(const std::string& corruption, int severity, const std::vector<std::string>& classes) const {
    for (const std::string& name : classes) {
      std::vector<unsigned char> bytes;
      EXPECT_TRUE(cv::imencode(".png", cv::Mat(2, 2, CV_8UC3, cv::Scalar::all(severity)), bytes));
      folder.write(corruption + "/" + std::to_string(severity) + "/" + name + "/a.png", bytes_of(bytes));
    }
  }

  [[nodiscard]] std::string spec(const std::string& kind, const std::string& more = "") const {
    return kind + ":" + folder.path().string() + more;
  }

  TemporaryFolder folder;
};

TEST_F(CorruptedSets, ArraysAreReadWholeByCorruptionAndSeverity) {
  labels();
  array("fog", 0);
  array("brightness", 100);
  const auto all = open_data(spec("cifar10c"));
  EXPECT_EQ(all->size(), 2 * kRows);
  EXPECT_EQ(all->sample_shape(), (Shape{3, 2, 2}));
  EXPECT_EQ(all->groups().front(), "brightness 1");
  EXPECT_EQ(all->groups().back(), "fog 5");
  EXPECT_EQ(all->labels()[4], 1);
  const Tensor across = all->read(kRows - 1, 2);  // the last of brightness and the first of fog
  EXPECT_EQ(across[0][0][0][0].item<float>(), (100 + kRows - 1) / 255.0F);
  EXPECT_EQ(across[1][0][0][0].item<float>(), 0);
  EXPECT_EQ(all->files(kRows - 1, 2),
            (std::vector<std::filesystem::path>{folder.path() / "brightness.npy", folder.path() / "labels.npy",
                                                folder.path() / "fog.npy"}));
}

TEST_F(CorruptedSets, ArraysAreReadInPart) {
  labels();
  array("fog", 0);
  array("snow", 100);
  EXPECT_EQ(open_data(spec("cifar10c", ",snow"))->size(), kRows);
  const auto cell = open_data(spec("cifar10c", ",snow,4"));
  ASSERT_EQ(cell->size(), kPerSeverity);
  EXPECT_EQ(cell->read(0, 1)[0][2][1][1].item<float>(), (100 + 3 * kPerSeverity) / 255.0F);
  EXPECT_EQ(cell->labels(), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(cell->part(), "snow 4") << "other parts of the same files are other data";
  EXPECT_EQ(open_data(spec("cifar10c", ",snow"))->part(), "snow");
  EXPECT_EQ(open_data(spec("cifar10c"))->part(), "");
  EXPECT_EQ(cell->groups(), std::vector<std::string>(kPerSeverity, "snow 4"));
}

TEST_F(CorruptedSets, AFolderWithLabelsAndGaussianNoiseIsRecognised) {
  labels();
  array("gaussian_noise", 0);
  EXPECT_EQ(open_data(folder.path().string())->size(), kRows);
}

TEST_F(CorruptedSets, ArraysThatDoNotFitAreRefused) {
  expect_data_refused(spec("cifar10c"), {"labels.npy"});
  labels();
  expect_data_refused(spec("cifar10c"), {"has no corruption", "fog.npy"});
  array("fog", 0);
  expect_data_refused(spec("cifar10c", ",fogg"), {"has no corruption 'fogg'", "did you mean 'fog'?"});
  expect_data_refused(spec("cifar10c", ",../fog"), {"has no corruption '../fog'"});
  for (const std::string severity : {"0", "6", "x", "1x", ""}) {
    expect_data_refused(spec("cifar10c", ",fog," + severity), {"expected a severity 1 to 5", "'" + severity + "'"});
  }
  expect_data_refused(spec("cifar10c", ","), {"DIR[,CORRUPTION[,SEVERITY]]"});
  expect_data_refused(spec("cifar10c"), {"--layout nchw"}, {.layout = Layout::kNchw});
  labels(kRows - 1);
  expect_data_refused(spec("cifar10c"), {"labels.npy", "severities 1 to 5"});
  labels(kRows + 5);
  expect_data_refused(spec("cifar10c"), {"4 labels for the 3 samples"});
  labels();
  folder.write("snow.npy", npy("|u1", "(5, 3, 2, 3)", std::string(90, '\1')));
  expect_data_refused(spec("cifar10c"), {"labels"});
}

TEST_F(CorruptedSets, FoldersAreReadWholeAndInPart) {
  for (int severity = 1; severity <= kSeverities; ++severity) {
    cell("fog", severity, {"n01", "n02"});
    cell("snow", severity, {"n01", "n02"});
  }
  folder.write("readme/notes.txt", "no corruption");
  const auto all = open_data(spec("imagenetc"));
  EXPECT_EQ(all->size(), 20);
  EXPECT_EQ(all->groups()[2], "fog 2");
  EXPECT_EQ(all->class_names(), (std::vector<std::string>{"n01", "n02"}));
  const auto one = open_data(spec("imagenetc", ",snow,5"));
  EXPECT_EQ(one->size(), 2);
  EXPECT_EQ(one->labels(), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(one->read(0, 1)[0][0][0][0].item<float>(), 5 / 255.0F);
}

TEST_F(CorruptedSets, FoldersWhoseClassesDifferAreRefused) {
  for (int severity = 1; severity <= kSeverities; ++severity) {
    cell("fog", severity, severity == 3 ? std::vector<std::string>{"n02"} : std::vector<std::string>{"n01", "n02"});
  }
  expect_data_refused(spec("imagenetc"), {"fog/3: has other class folders than", "fog/1"});
  expect_data_refused(spec("imagenetc", ",fog,3"), {"fog/3: has other class folders than"});
  cell("fog", 3, {"n01"});
  expect_data_refused(spec("imagenetc", ",rain"), {"has no corruption 'rain'", "known: fog"});
  expect_data_refused("imagenetc:/nowhere/at/all", {"cannot be listed"});
}

}  // namespace
}  // namespace faultline
