// Writes the corpora that the fuzz targets start from: fuzz_seeds DIR makes DIR/npy, DIR/idx, DIR/npz, DIR/safetensors.
#include <filesystem>
#include <fstream>

#include "faults/data_fixtures.h"

namespace {

using namespace faultline::fixtures;

void write(const std::filesystem::path& folder, const std::vector<std::string>& seeds) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    std::ofstream(folder / ("seed" + std::to_string(i)), std::ios::binary) << seeds[i];
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    return 4;
  }
  const std::filesystem::path folder = argv[1];
  const std::string floats = npy("<f4", "(2, 3)", std::string(24, '\0'));
  const std::string bytes = npy("|u1", "(2, 1, 2, 2)", counting(8), "True");
  const std::string labels = npy("<i8", "(2,)", std::string(16, '\0'));
  const std::string images = idx({2, 2, 2}, counting(8));
  write(folder / "npy", {floats, bytes, labels, npy("<u2", "(2, 1)", counting(4)), npy("<f8", "(1, 1)", counting(8))});
  write(folder / "idx", {images, idx({2}, counting(2)), gzip(images), gzip(idx({2}, counting(2)))});
  write(folder / "npz", {zip({{"x.npy", floats}, {"y.npy", labels}}, Packing::kStored),
                         zip({{"arr_0.npy", bytes}, {"arr_1.npy", labels}}, Packing::kDeflated)});
  write(folder / "safetensors",
        {safetensors(R"({"x":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
                     R"("y":{"dtype":"U8","shape":[2],"data_offsets":[8,10]},"__metadata__":{"a":"b"}})",
                     counting(10)),
         safetensors(R"({"images":{"dtype":"BF16","shape":[1,1],"data_offsets":[0,2]},)"
                     R"("labels":{"dtype":"I64","shape":[1],"data_offsets":[2,10]}})",
                     std::string(10, '\0'))});
  return 0;
}
