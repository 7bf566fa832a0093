// What readers of arrays must get right: shapes, orders, scaling, ranges.
#include <numeric>
#include <thread>

#include "faultline/data/npy.h"
#include "faults/data_checks.h"

namespace faultline {
namespace {

using namespace fixtures;

const std::string kData = FAULTLINE_TEST_DATA;

using Shape = std::vector<std::int64_t>;

class DataArrays : public testing::Test {
 protected:
  /// npy:X,Y with the given inputs and one uint8 label 0 per sample.
  std::string pair(const std::string& inputs, std::size_t samples) const {
    return "npy:" + folder.write("x.npy", inputs) + "," +
           folder.write("y.npy", npy("|u1", "(" + std::to_string(samples) + ",)", std::string(samples, '\0')));
  }

  TemporaryFolder folder;
};

TEST_F(DataArrays, MnistTestSetIsReadFromItsFolder) {
  const auto data = open_data("mnist:" + kData);
  EXPECT_EQ(data->size(), 10000);
  EXPECT_EQ(data->sample_shape(), (Shape{1, 28, 28}));
  EXPECT_THAT(std::vector(data->labels().begin(), data->labels().begin() + 5), testing::ElementsAre(7, 2, 1, 0, 4));
  const Tensor all = data->read(0, 10000);
  EXPECT_EQ(all.sizes(), (Shape{10000, 1, 28, 28}));
  EXPECT_EQ(all.mul(255).round().sum(at::kDouble).item<double>(), 264923200);
  EXPECT_TRUE(at::equal(data->read(9990, 10), all.narrow(0, 9990, 10)));
  EXPECT_EQ(data->files(0, 1).size(), 2U);
}

TEST_F(DataArrays, BarePathsAreRecognised) {
  EXPECT_EQ(open_data(kData)->size(), 10000);
  const std::string images = kData + "/cifar10_test100_images_u8.npy";
  EXPECT_EQ(open_data(images + "," + kData + "/cifar10_test100_labels_i64.npy")->size(), 100);
  const std::string archive =
      zip({{"x.npy", npy("|u1", "(1, 2)", "ab")}, {"y.npy", npy("|u1", "(1,)", "a")}}, Packing::kStored);
  EXPECT_EQ(open_data(folder.write("a.npz", archive))->size(), 1);
}

TEST_F(DataArrays, CifarArraysAreBytesOver255) {
  const std::string images = kData + "/cifar10_test100_images_u8.npy";
  const auto data = open_data("npy:" + images + "," + kData + "/cifar10_test100_labels_i64.npy");
  EXPECT_EQ(data->sample_shape(), (Shape{3, 32, 32}));
  EXPECT_EQ(data->labels().front(), 3);
  const std::string stored = read_all(images).substr(128);
  const std::vector<float> values = values_of(data->read(0, 100));
  ASSERT_EQ(values.size(), stored.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(values[i], static_cast<float>(static_cast<unsigned char>(stored[i])) / 255.0F);
  }
}

TEST_F(DataArrays, PlainAndPackedIdxAgree) {
  const std::string images = idx({4, 2, 3}, counting(24));
  const std::string labels = idx({4}, counting(4));
  const auto plain = open_data("idx:" + folder.write("i", images) + "," + folder.write("l", labels));
  const auto packed = open_data("idx:" + folder.write("i.gz", gzip(images)) + "," + folder.write("l.gz", gzip(labels)));
  EXPECT_EQ(plain->sample_shape(), (Shape{1, 2, 3}));
  EXPECT_EQ(plain->labels(), (std::vector<std::int64_t>{0, 1, 2, 3}));
  EXPECT_TRUE(at::equal(plain->read(1, 3), packed->read(1, 3)));
  EXPECT_EQ(values_of(plain->read(3, 1))[5], 23.0F / 255.0F);
}

TEST_F(DataArrays, GzipMembersFollowEachOther) {
  const std::string images = idx({2, 1, 2}, "abcd");
  const std::string members = gzip(images.substr(0, 17)) + gzip(images.substr(17));
  const auto data = open_data("idx:" + folder.write("i", members) + "," + folder.write("l", idx({2}, counting(2))));
  EXPECT_EQ(values_of(data->read(1, 1)), (std::vector<float>{'c' / 255.0F, 'd' / 255.0F}));
}

TEST_F(DataArrays, MnistFallsBackToTheTrainingSet) {
  folder.write("train-images.idx3-ubyte", idx({2, 2, 2}, counting(8)));
  folder.write("train-labels-idx1-ubyte.gz", gzip(idx({2}, counting(2))));
  EXPECT_EQ(open_data("mnist:" + folder.path().string())->size(), 2);
}

TEST_F(DataArrays, BytesAreScaledIntoTheBoundsAndReachThem) {
  const DataOptions options{.bounds = {-1, 3}};
  const auto data = open_data(pair(npy("|u1", "(1, 3)", std::string("\0\x33\xff", 3)), 1), options);
  const std::vector<float> values = values_of(data->read(0, 1));
  EXPECT_EQ(values.front(), -1.0F);
  EXPECT_FLOAT_EQ(values[1], -0.2F);  // 51 is a fifth of 255
  EXPECT_EQ(values.back(), 3.0F);
  const auto wide = open_data(pair(npy("|u1", "(1, 1)", "\xff"), 1), {.bounds = {-1e9, 0.1}});
  EXPECT_EQ(values_of(wide->read(0, 1)), (std::vector<float>{0.1F}));  // not -1e9 + 1e9 with its rounding
}

TEST_F(DataArrays, FloatsAreTakenAsTheyAre) {
  const auto singles = open_data(pair(npy("<f4", "(1, 2)", bytes_of<float>({0.25F, -7.0F})), 1), {.bounds = {-9, 9}});
  EXPECT_EQ(values_of(singles->read(0, 1)), (std::vector<float>{0.25F, -7.0F}));
  const auto doubles = open_data(pair(npy("<f8", "(1, 2)", bytes_of<double>({0.1, 1.0})), 1));
  EXPECT_EQ(values_of(doubles->read(0, 1)), (std::vector<float>{0.1F, 1.0F}));
}

TEST_F(DataArrays, FortranOrderGivesTheSameSamplesAsCOrder) {
  // a[n][i][j] = 100 n + 10 i + j, shape (3, 2, 4): in Fortran order n varies fastest.
  std::string c_order;
  std::string fortran_order;
  for (int place = 0; place < 24; ++place) {
    c_order += static_cast<char>(place / 8 * 100 + place / 4 % 2 * 10 + place % 4);
    fortran_order += static_cast<char>(place % 3 * 100 + place / 3 % 2 * 10 + place / 6);
  }
  const auto expected = open_data(pair(npy("|u1", "(3, 2, 4)", c_order), 3));
  const Tensor rows = expected->read(1, 2);
  const auto data = open_data(pair(npy("|u1", "(3, 2, 4)", fortran_order, "True"), 3));
  EXPECT_TRUE(at::equal(data->read(1, 2), rows));
  EXPECT_EQ(values_of(rows)[7], 113.0F / 255.0F);
}

TEST_F(DataArrays, ChannelsLastIsMovedToTheFront) {
  const auto data = open_data(pair(npy("|u1", "(1, 1, 2, 3)", "abcdef"), 1), {.layout = Layout::kNhwc});
  EXPECT_EQ(data->sample_shape(), (Shape{3, 1, 2}));
  const std::vector<float> values = values_of(data->read(0, 1).mul(255).round());
  EXPECT_EQ(values, (std::vector<float>{'a', 'd', 'b', 'e', 'c', 'f'}));
}

TEST_F(DataArrays, LabelsMayHaveAnyIntegerType) {
  const std::vector<std::pair<std::string, std::string>> columns = {
      {"|u1", bytes_of<std::uint8_t>({1, 2})},  {"|i1", bytes_of<std::int8_t>({1, 2})},
      {"<u2", bytes_of<std::uint16_t>({1, 2})}, {"<i2", bytes_of<std::int16_t>({1, 2})},
      {"<u4", bytes_of<std::uint32_t>({1, 2})}, {"<i4", bytes_of<std::int32_t>({1, 2})},
      {"<u8", bytes_of<std::uint64_t>({1, 2})}, {"<i8", bytes_of<std::int64_t>({1, 2})}};
  const std::string inputs = folder.write("x.npy", npy("|u1", "(2, 1)", "ab"));
  for (const std::string shape : {"(2,)", "(2, 1)"}) {
    for (const auto& [type, bytes] : columns) {
      const auto data = open_data("npy:" + inputs + "," + folder.write("y.npy", npy(type, shape, bytes)));
      EXPECT_EQ(data->labels(), (std::vector<std::int64_t>{1, 2})) << type;
    }
  }
}

TEST_F(DataArrays, StoredAndDeflatedArchivesAgree) {
  const std::string inputs = npy("|u1", "(300, 2)", counting(600));
  const std::string labels = npy("<i8", "(300,)", bytes_of(std::vector<std::int64_t>(300, 7)));
  for (const Packing packing : {Packing::kStored, Packing::kDeflated}) {
    const auto data =
        open_data("npz:" + folder.write("a.npz", zip({{"arr_1.npy", labels}, {"arr_0.npy", inputs}}, packing)));
    EXPECT_EQ(data->labels()[299], 7);
    EXPECT_EQ(values_of(data->read(299, 1)), (std::vector<float>{598 % 256 / 255.0F, 599 % 256 / 255.0F}));
  }
}

TEST_F(DataArrays, CifarBatchesFollowEachOther) {
  for (int i = 1; i <= 5; ++i) {
    const std::string record = std::string(1, static_cast<char>(i)) + std::string(3072, static_cast<char>(10 * i));
    folder.write("data_batch_" + std::to_string(i) + ".bin", record + record);
  }
  const auto data = open_data(folder.path().string());
  EXPECT_EQ(data->labels(), (std::vector<std::int64_t>{1, 1, 2, 2, 3, 3, 4, 4, 5, 5}));
  EXPECT_EQ(data->class_names()[3], "cat");
  const Tensor rows = data->read(3, 5).mul(255).round();
  EXPECT_EQ(rows.sizes(), (Shape{5, 3, 32, 32}));
  EXPECT_EQ(values_of(rows.amax({1, 2, 3})), (std::vector<float>{20, 30, 30, 40, 40}));
  EXPECT_EQ(values_of(rows.amin({1, 2, 3})), (std::vector<float>{20, 30, 30, 40, 40}));
  EXPECT_EQ(data->files(0, 1).size(), 5U);
  const std::string record = '\x09' + counting(3072);
  folder.write("test_batch.bin", record);
  EXPECT_EQ(open_data("cifar10:" + folder.path().string())->size(), 1);
  EXPECT_EQ(values_of(open_data("cifar10:" + folder.path().string() + "/test_batch.bin")->read(0, 1))[3], 3 / 255.0F);
}

TEST_F(DataArrays, NamesOfClassesComeFromTheFile) {
  const DataOptions options{.classes = folder.write("names", "\xef\xbb\xbfzero\r\none\r\n")};
  EXPECT_EQ(open_data(pair(npy("|u1", "(1, 1)", "a"), 1), options)->class_names(),
            (std::vector<std::string>{"zero", "one"}));
}

TEST_F(DataArrays, ThreadsReadTheSameValues) {
  const auto data = open_data("mnist:" + kData);
  const Tensor expected = data->read(0, 2000);
  std::vector<std::thread> threads;
  std::vector<int> same(4, 0);
  for (std::size_t t = 0; t < same.size(); ++t) {
    threads.emplace_back([&, t] { same[t] = at::equal(data->read(0, 2000), expected) ? 1 : 0; });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(std::accumulate(same.begin(), same.end(), 0), 4);
}

TEST_F(DataArrays, NpyThatIsWrittenReadsBack) {
  const std::filesystem::path path = folder.path() / "w.npy";
  for (const Tensor& tensor : {at::rand({3, 4, 5}), at::rand({7}), at::arange(6, at::kLong).reshape({2, 3})}) {
    write_npy(path, tensor);
    const StoredArray array = open_npy(path);
    EXPECT_EQ(array.shape, tensor.sizes().vec());
    EXPECT_TRUE(at::equal(read_rows(array, 0, tensor.size(0)), tensor));
    EXPECT_EQ((read_all(path).size() - tensor.nbytes()) % 64, 0U);
  }
  write_npy(path, at::rand({2, 3}).t());
  EXPECT_EQ(open_npy(path).shape, (Shape{3, 2}));
}

}  // namespace
}  // namespace faultline
