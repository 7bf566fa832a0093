// The safetensors reader and writer.
#include "faultline/data/safetensors.h"
#include "faults/data_checks.h"

namespace faultline {
namespace {

using namespace fixtures;

class DataSafetensors : public testing::Test {
 protected:
  /// A file with that header and ten bytes of data must be refused.
  void expect_header_refused(const std::string& header, const std::vector<std::string>& words) const {
    const std::string path = folder.write("bad.safetensors", safetensors(header, counting(10)));
    expect_refusal([&] { (void)open_safetensors(path); }, words);
  }

  TemporaryFolder folder;
};

TEST_F(DataSafetensors, WhatIsWrittenReadsBack) {
  const std::map<std::string, Tensor> tensors = {{"witness", at::rand({2, 3, 5})},
                                                 {"clean", at::rand({3, 2}).t()},
                                                 {"label", at::arange(3, at::kLong)},
                                                 {"bytes", at::arange(5, at::kByte)},
                                                 {"scalar", at::scalar_tensor(1.5, at::kDouble)},
                                                 {"none", at::empty({0, 4})}};
  const std::filesystem::path path = folder.path() / "w.safetensors";
  write_safetensors(path, tensors, {{"format", "pt"}, {"note", "a \"quoted\" text"}});
  const Safetensors file = open_safetensors(path);
  EXPECT_EQ(file.metadata.at("note"), "a \"quoted\" text");
  ASSERT_EQ(file.arrays.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    EXPECT_TRUE(at::equal(file.tensor(name), tensor)) << name;
    EXPECT_EQ(file.tensor(name).scalar_type(), tensor.scalar_type()) << name;
  }
}

TEST_F(DataSafetensors, BytesAreAFunctionOfTheArguments) {
  const Tensor values = at::arange(4, at::kFloat);
  const std::filesystem::path path = folder.path() / "w.safetensors";
  write_safetensors(path, {{"b", values}, {"a", at::zeros({1}, at::kByte)}, {"c", values}}, {{"k", "v"}});
  const std::string header = R"({"__metadata__":{"k":"v"},"a":{"data_offsets":[32,33],"dtype":"U8","shape":[1]},)"
                             R"("b":{"data_offsets":[0,16],"dtype":"F32","shape":[4]},)"
                             R"("c":{"data_offsets":[16,32],"dtype":"F32","shape":[4]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  const std::string floats = bytes_of<float>({0, 1, 2, 3});
  EXPECT_EQ(read_all(path), safetensors(padded, floats + floats + std::string(1, '\0')));
}

TEST_F(DataSafetensors, SamplesAreReadByTheirUsualNames) {
  const std::filesystem::path path = folder.path() / "d.safetensors";
  for (const std::string inputs : {"images", "x", "inputs"}) {
    for (const std::string labels : {"labels", "y"}) {
      write_safetensors(path, {{inputs, at::full({3, 2}, 0.5)}, {labels, at::arange(3, at::kInt)}}, {});
      const auto data = open_data(path.string());
      EXPECT_EQ(data->labels(), (std::vector<std::int64_t>{0, 1, 2}));
      EXPECT_EQ(values_of(data->read(1, 1)), (std::vector<float>{0.5F, 0.5F}));
    }
  }
}

TEST_F(DataSafetensors, UnalignedDataIsRead) {
  const std::string header = R"({"y":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                             R"("x":{"dtype":"F32","shape":[1,2],"data_offsets":[1,9]}})";
  const auto data =
      open_data(folder.write("u.safetensors", safetensors(header, "\x01" + bytes_of<float>({0.25F, 1.0F}))));
  EXPECT_EQ(values_of(data->read(0, 1)), (std::vector<float>{0.25F, 1.0F}));
}

TEST_F(DataSafetensors, HalvesAreConverted) {
  const std::filesystem::path path = folder.path() / "h.safetensors";
  write_safetensors(path, {{"x", at::full({1, 2}, 0.5, at::kHalf)}, {"y", at::zeros({1}, at::kLong)}}, {});
  EXPECT_EQ(values_of(open_data(path.string())->read(0, 1)), (std::vector<float>{0.5F, 0.5F}));
}

TEST_F(DataSafetensors, DamagedHeadersAreRefused) {
  expect_header_refused("[]", {"not a JSON object"});
  expect_header_refused("{\"x\":", {"not a JSON object"});
  expect_header_refused(R"({"x":1})", {"tensor 'x'", "not an object"});
  expect_header_refused(R"({"x":{"dtype":"F4","shape":[10],"data_offsets":[0,10]}})", {"tensor 'x'", "dtype"});
  expect_header_refused(R"({"x":{"shape":[10],"data_offsets":[0,10]}})", {"tensor 'x'", "dtype"});
  expect_header_refused(R"({"x":{"dtype":"U8","shape":[-10],"data_offsets":[0,10]}})", {"list of sizes"});
  expect_header_refused(R"({"x":{"dtype":"U8","shape":[10],"data_offsets":[0]}})", {"list of sizes"});
  expect_header_refused(R"({"x":{"dtype":"U8","shape":[10],"data_offsets":[10,0]}})", {"outside"});
  expect_header_refused(R"({"x":{"dtype":"U8","shape":[11],"data_offsets":[0,11]}})",
                        {"0..11", "outside the 10 bytes"});
  expect_header_refused(R"({"x":{"dtype":"U8","shape":[9],"data_offsets":[0,10]}})", {"[9]", "does not fit"});
  expect_header_refused(R"({"x":{"dtype":"U8","shape":[10],"data_offsets":[0,10]},"x":{}})",
                        {"'x' stands there twice"});
  expect_header_refused(R"({"__metadata__":[1]})", {"__metadata__"});
  expect_header_refused(R"({"__metadata__":{"a":1}})", {"__metadata__"});
  expect_header_refused(R"({"x":[[[[[[[[1]]]]]]]]})", {"nested too deeply"});
}

TEST_F(DataSafetensors, TensorsMustCoverTheData) {
  const std::string first = R"({"x":{"dtype":"U8","shape":[6],"data_offsets":[0,6]})";
  expect_header_refused(first + "}", {"the last 4 bytes belong to no tensor"});
  expect_header_refused(first + R"(,"y":{"dtype":"U8","shape":[5],"data_offsets":[5,10]}})", {"overlap"});
  expect_header_refused(first + R"(,"y":{"dtype":"U8","shape":[3],"data_offsets":[7,10]}})", {"belong to none"});
}

TEST_F(DataSafetensors, AbsurdSizesAreRefused) {
  const std::string huge = "9223372036854775808";  // 2^63
  expect_header_refused(R"({"x":{"dtype":"U8","shape":[)" + huge + R"(],"data_offsets":[0,10]}})", {"list of sizes"});
  expect_header_refused(R"({"x":{"dtype":"U8","shape":[10],"data_offsets":[0,)" + huge + "]}}", {"list of sizes"});
  expect_header_refused(R"({"x":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,8]}})",
                        {"does not fit"});
  const std::string length = bytes_of<std::uint64_t>({std::uint64_t{1} << 63});
  const std::string path = folder.write("long.safetensors", length + "{}");
  expect_refusal([&] { (void)open_safetensors(path); }, {"9223372036854775808", "the file has 10"});
}

TEST_F(DataSafetensors, TruncatedFilesAreRefusedAtEveryLength) {
  const std::filesystem::path path = folder.path() / "w.safetensors";
  write_safetensors(path, {{"x", at::rand({2, 3})}}, {});
  const std::string whole = read_all(path);
  for (std::size_t length = 1; length < whole.size(); ++length) {
    const std::string part = folder.write("part.safetensors", whole.substr(0, length));
    expect_refusal([&] { (void)open_safetensors(part); }, {"part.safetensors"});
  }
}

TEST_F(DataSafetensors, MissingTensorIsNamedWithWhatIsThere) {
  const std::filesystem::path path = folder.path() / "d.safetensors";
  write_safetensors(path, {{"images", at::rand({2, 3})}, {"other", at::rand({2})}}, {});
  expect_data_refused("safetensors:" + path.string(), {"no tensor named labels, y", "images, other"});
}

}  // namespace
}  // namespace faultline
