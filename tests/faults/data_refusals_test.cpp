// Data files that must be refused: each with one line that names the file and what is wrong.
#include "faults/data_checks.h"

namespace faultline {
namespace {

using namespace fixtures;

class DataRefusals : public testing::Test {
 protected:
  std::string file(const std::string& name, const std::string& bytes) const { return folder.write(name, bytes); }

  /// Arrays with those inputs and good labels for two samples.
  void expect_inputs_refused(const std::string& inputs, const std::vector<std::string>& words,
                             const DataOptions& options = {}) const {
    expect_data_refused("npy:" + file("x.npy", inputs) + "," + good_labels(), words, options);
  }

  /// Arrays with good inputs for two samples and those labels.
  void expect_labels_refused(const std::string& labels, const std::vector<std::string>& words) const {
    expect_data_refused("npy:" + file("x.npy", npy("|u1", "(2, 3)", counting(6))) + "," + file("bad.npy", labels),
                        words);
  }

  [[nodiscard]] std::string good_labels() const { return file("y.npy", npy("|u1", "(2,)", counting(2))); }

  [[nodiscard]] std::string here() const { return folder.path().string(); }

  TemporaryFolder folder;
};

TEST_F(DataRefusals, MissingFile) {
  expect_data_refused("npy:/nowhere/x.npy,/nowhere/y.npy", {"/nowhere/x.npy", "No such file"});
  expect_data_refused("npz:/nowhere/x.npz", {"/nowhere/x.npz", "No such file"});
  expect_data_refused("safetensors:/nowhere/x", {"/nowhere/x", "No such file"});
  expect_data_refused("idx:/nowhere/x,/nowhere/y", {"/nowhere/x", "No such file"});
  expect_data_refused("cifar10:/nowhere", {"/nowhere", "No such file"});
  expect_data_refused("images:/nowhere", {"/nowhere", "No such file"});
  expect_data_refused("images:/nowhere/a.csv", {"/nowhere/a.csv", "No such file"});
  expect_data_refused("mnist:/nowhere", {"/nowhere", "t10k-images-idx3-ubyte"});
  expect_data_refused("mnist:", {"t10k-images-idx3-ubyte"});
  expect_data_refused("npz:", {"No such file"});
}

TEST_F(DataRefusals, DirectoryInsteadOfFile) {
  expect_data_refused("npy:" + here() + "," + here(), {here(), "is a directory"});
  expect_data_refused("npz:" + here(), {"is a directory"});
  expect_data_refused("safetensors:" + here(), {"is a directory"});
  expect_data_refused("idx:" + here() + "," + here(), {"is a directory"});
}

TEST_F(DataRefusals, EmptyFile) {
  const std::string empty = file("empty", "");
  for (const std::string& spec : {"npz:" + empty, "safetensors:" + empty, "cifar10:" + empty,
                                  "npy:" + empty + "," + empty, "idx:" + empty + "," + empty}) {
    expect_data_refused(spec, {empty, "is empty"});
  }
}

TEST_F(DataRefusals, DeviceInsteadOfFile) { expect_data_refused("npz:/dev/zero", {"not a regular file"}); }

TEST_F(DataRefusals, PairWithoutComma) {
  expect_data_refused("npy:x.npy", {"npy:X.npy,Y.npy", "'x.npy'"});
  expect_data_refused("idx:a,b,c", {"idx:IMAGES,LABELS"});
}

TEST_F(DataRefusals, NpyWithAnotherBeginning) {
  expect_inputs_refused("no array at all", {"x.npy", "not an npy file"});
  expect_inputs_refused("\x93NUMPY\x09" + std::string(20, '\0'), {"version 9"});
}

TEST_F(DataRefusals, NpyOfEveryTruncatedLength) {
  const std::string whole = npy("<f4", "(2, 2)", bytes_of<float>({0, 0, 0, 0}));
  for (std::size_t length = 1; length < whole.size(); ++length) {
    const bool in_header = length < whole.size() - 16;
    expect_inputs_refused(whole.substr(0, length), {"x.npy", length < 6  ? "not an npy file"
                                                             : in_header ? "npy header"
                                                                         : "truncated"});
  }
  expect_inputs_refused(whole.substr(0, whole.size() - 1), {"truncated", "has 16 bytes, the file has 15"});
  expect_inputs_refused(whole + "!", {"too long"});
}

TEST_F(DataRefusals, NpyOfUnknownType) {
  expect_inputs_refused(npy("|O", "(2, 3)", counting(48)), {"x.npy", "pickle"});
  expect_inputs_refused(npy("[('a', '<f4')]", "(2,)", counting(8)), {"structured"});
  expect_inputs_refused(npy(">f4", "(2, 3)", counting(24)), {"big endian", "'<f4'"});
  expect_inputs_refused(npy("<c8", "(2, 3)", counting(48)), {"unknown dtype '<c8'"});
  expect_inputs_refused(npy("<i4", "(2, 3)", counting(24)), {"inputs have type Int"});
}

TEST_F(DataRefusals, NpyOfAbsurdShape) {
  expect_inputs_refused(npy("|u1", "(9223372036854775808,)", ""), {"below 2^63"});
  expect_inputs_refused(npy("|u1", "(-2, 3)", counting(6)), {"below 2^63"});
  expect_inputs_refused(npy("<f8", "(9223372036854775807, 2)", counting(16)), {"absurd shape"});
  expect_inputs_refused(npy("<f8", "(4294967296, 4294967296)", counting(16)), {"absurd shape"});
  expect_inputs_refused(npy("<f8", "(1152921504606846975, 1)", counting(16)), {"truncated"});
  expect_inputs_refused(npy("|u1", "(0, 3)", ""), {"no samples"});
  expect_inputs_refused(npy("|u1", "(2, 0)", ""), {"no samples"});
  expect_inputs_refused(npy("|u1", "()", "a"), {"single number"});
  expect_inputs_refused(npy("|u1", "(2,)", "ab"), {"[2]", "two axes"});
}

TEST_F(DataRefusals, NpyWithDamagedHeader) {
  for (const std::string shape : {"(2, 3", "2, 3", "(2 3)", "(,)", "None"}) {
    expect_inputs_refused(npy("|u1", shape, counting(6)), {"damaged npy header"});
  }
  expect_inputs_refused(npy("|u1", "(2, 3)", counting(6), "Maybe"), {"fortran_order"});
  expect_inputs_refused(npy("|u1", "(2, 3), 'more': 1", counting(6)), {"damaged npy header"});
}

TEST_F(DataRefusals, ValuesOutsideTheBounds) {
  const std::string inputs = npy("<f4", "(2, 1)", bytes_of<float>({0.5F, NAN}));
  expect_inputs_refused(inputs, {"sample 1", "nan", "not finite", "repair the file"});
  expect_inputs_refused(npy("<f4", "(2, 1)", bytes_of<float>({0.5F, 2.0F})), {"sample 1", "2", "--bounds"});
  expect_inputs_refused(npy("<f8", "(2, 1)", bytes_of<double>({0.5, 1e300})), {"sample 1", "inf"});
}

TEST_F(DataRefusals, LabelsThatAreNoClassNumbers) {
  expect_labels_refused(npy("<i8", "(2,)", bytes_of<std::int64_t>({0, -1})), {"bad.npy", "sample 1", "-1"});
  expect_labels_refused(npy("<u8", "(2,)", bytes_of<std::uint64_t>({0, std::uint64_t{1} << 63})),
                        {"9223372036854775808"});
  expect_labels_refused(npy("<f4", "(2,)", bytes_of<float>({0, 1})), {"bad.npy", "type Float", "integers"});
  expect_labels_refused(npy("|u1", "(2, 2)", counting(4)), {"bad.npy", "[2, 2]"});
}

TEST_F(DataRefusals, AsManyLabelsAsSamples) {
  expect_labels_refused(npy("|u1", "(3,)", counting(3)), {"bad.npy", "3 labels for the 2 samples", "x.npy"});
  const std::string images = file("i", idx({2, 2, 2}, counting(8)));
  expect_data_refused("idx:" + images + "," + file("l", idx({1}, counting(1))), {"1 labels for the 2 samples"});
}

TEST_F(DataRefusals, LabelsWithoutName) {
  const DataOptions options{.classes = file("names", "only\n")};
  expect_inputs_refused(npy("|u1", "(2, 3)", counting(6)), {"names", "sample 1 has label 1"}, options);
  const DataOptions twice{.classes = file("names", "a\na\n")};
  expect_inputs_refused(npy("|u1", "(2, 3)", counting(6)), {"line 2 repeats 'a'"}, twice);
}

TEST_F(DataRefusals, OptionsThatDoNotApply) {
  const std::string inputs = npy("|u1", "(2, 3)", counting(6));
  expect_inputs_refused(inputs, {"--resize"}, {.resize = {{2, 2}}});
  expect_inputs_refused(inputs, {"--crop"}, {.crop = {{2, 2}}});
  expect_inputs_refused(inputs, {"--layout nhwc", "[2, 3]"}, {.layout = Layout::kNhwc});
}

TEST_F(DataRefusals, IdxThatIsDamaged) {
  const std::string labels = file("l", idx({2}, counting(2)));
  const std::string whole = idx({2, 2, 2}, counting(8));
  const auto refused = [&](const std::string& bytes, const std::vector<std::string>& words) {
    expect_data_refused("idx:" + file("i", bytes) + "," + labels, words);
  };
  for (std::size_t length = 1; length < whole.size(); ++length) {
    refused(whole.substr(0, length), {"/i:", "truncated"});
    refused(gzip(whole.substr(0, length)), {"/i:", "truncated"});
  }
  refused(whole + "!", {"too long"});
  refused(gzip(whole + "!"), {"holds more than the 24"});
  refused("PK" + whole.substr(2), {"not an idx file"});
  refused(std::string("\0\0\x0d\x03", 4) + whole.substr(4), {"idx type 13"});
  refused(idx({0xffffffff, 0xffffffff, 0xffffffff}, counting(8)), {"absurd shape"});
  refused(idx({0x100000, 0x100000}, counting(8)), {"truncated"});
  refused(gzip(idx({0x100000, 0x100000}, counting(8))), {"at most 17179869184"});
  refused(gzip(idx({0x7fffffff}, counting(8))), {"packed bytes cannot hold"});
}

TEST_F(DataRefusals, GzipThatIsDamaged) {
  const std::string labels = file("l", idx({2}, counting(2)));
  const std::string packed = gzip(idx({2, 20, 20}, counting(800)));
  for (std::size_t length = 2; length < packed.size(); ++length) {
    expect_data_refused("idx:" + file("i", packed.substr(0, length)) + "," + labels, {"/i:", "truncated"});
  }
  std::string changed = packed;
  changed[packed.size() - 8] ^= 1;  // the checksum
  expect_data_refused("idx:" + file("i", changed) + "," + labels, {"/i:", "damaged gzip stream"});
  expect_data_refused("idx:" + file("i", packed + "garbage") + "," + labels, {"/i:", "damaged gzip stream"});
}

TEST_F(DataRefusals, MnistWithoutLabels) {
  file("t10k-images-idx3-ubyte", idx({2, 2, 2}, counting(8)));
  expect_data_refused("mnist:" + here(), {"t10k-labels-idx1-ubyte"});
}

TEST_F(DataRefusals, NpzThatIsDamaged) {
  const std::string inputs = npy("|u1", "(2, 300)", counting(600));
  const std::string labels = npy("|u1", "(2,)", counting(2));
  for (const Packing packing : {Packing::kStored, Packing::kDeflated}) {
    const std::string whole = zip({{"x.npy", inputs}, {"y.npy", labels}}, packing);
    for (std::size_t length = 1; length < whole.size(); length += 7) {
      expect_data_refused("npz:" + file("a.npz", whole.substr(0, length)), {"a.npz"});
    }
    std::string changed = whole;
    changed[200] ^= 1;  // inside the first member's data
    expect_data_refused("npz:" + file("a.npz", changed), {"a.npz, array 'x'"});
  }
  expect_data_refused("npz:" + file("a.npz", "no zip"), {"a.npz", "not a whole zip archive"});
}

TEST_F(DataRefusals, NpzWithoutArrays) {
  const std::string labels = npy("|u1", "(2,)", counting(2));
  const std::string archive = zip({{"y.npy", labels}, {"z.npy", labels}}, Packing::kStored);
  expect_data_refused("npz:" + file("a.npz", archive), {"no array named x, X, images, data, arr_0", "y.npy, z.npy"});
}

TEST_F(DataRefusals, NpzThatPromisesAnAbsurdSize) {
  std::string archive = zip({{"x.npy", npy("|u1", "(2, 300)", counting(600))}}, Packing::kDeflated);
  const std::size_t directory = archive.find("PK\x01\x02");
  archive.replace(directory + 24, 4, "\xfe\xff\xff\x7f");  // the unpacked size
  expect_data_refused("npz:" + file("a.npz", archive), {"array 'x'", "packed bytes cannot hold"});
}

TEST_F(DataRefusals, CifarThatIsDamaged) {
  const std::string record = '\x01' + counting(3072);
  expect_data_refused("cifar10:" + file("c.bin", record + "!"), {"c.bin", "3074 bytes", "3073"});
  expect_data_refused("cifar10:" + file("c.bin", record + '\x0a' + counting(3072)), {"byte 3073", "is 10", "0 to 9"});
  expect_data_refused("cifar10:" + here(), {"no test_batch.bin"});
  file("data_batch_1.bin", record);
  expect_data_refused("cifar10:" + here(), {"data_batch_2.bin", "No such file"});
}

}  // namespace
}  // namespace faultline
