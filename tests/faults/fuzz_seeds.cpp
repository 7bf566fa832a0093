// Writes the corpora that the fuzz targets start from: fuzz_seeds DIR makes DIR/npy, DIR/idx, DIR/npz, DIR/safetensors,
// DIR/corpus_entry, DIR/recipe.
#include <filesystem>
#include <fstream>

#include "corpus/corpus_fixtures.h"
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

/// Two files as one input of fuzz_corpus_entry.
std::string two_files(const std::string& first, const std::string& second) {
  constexpr std::size_t kByte = 256;
  return std::string{static_cast<char>(first.size() % kByte), static_cast<char>(first.size() / kByte)} + first + second;
}

std::vector<std::string> corpus_entries() {
  using namespace faultline;
  const Finding finding = numbered_finding(3);
  Failure targeted{.target = 1, .label = 0, .bounds = {-1, 1}};
  const Finding other = make_finding(targeted, at::zeros({1}), at::ones({1}));
  const std::string accepted = event_file_bytes(event_file(
      {{.finding = finding.id, .state = State::kAccepted, .until = "2030-01-01", .reason = "known", .after = {"x"}},
       {.finding = other.id, .state = State::kInvalid, .prediction = 1, .was = State::kFixed}}));
  return {two_files(entry_bytes(finding.failure), witness_bytes(finding)),
          two_files(entry_bytes(other.failure), witness_bytes(other)),
          two_files(discovery_bytes(numbered_discovery(3)), ""), two_files(accepted, "")};
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
  write(folder / "corpus_entry", corpus_entries());
  constexpr std::size_t kStep = 37;  // bytes: see faultline/fuzz/fuzz_input.h
  const std::string stored =
      R"([{"mutator":"rotate","version":1,"parameters":{"degrees":5.0},"key":"00000000000000ff"},)"
      R"({"mutator":"brightness","version":1,"parameters":{"amount":0.1},"key":"0000000000000000"}])";
  write(folder / "recipe", {counting(4), counting(4 + kStep), counting(4 + 3 * kStep), "{\"schema\":1}", stored});
  write(
      folder / "run",
      {R"({"first":0,"count":2,"attacks":[{"forwards":4,"backwards":2,"seconds":0.5,"not_finite":1}]})",
       R"({"index":1,"hash":"00000000000000ff","label":3,"status":"robust","clean":{"prediction":3,"margin":0.5,)"
       R"("confidence":0.9,"near_tie":false},"attempts":["nothing"]})",
       R"({"index":1,"hash":"00000000000000ff","label":3,"status":"found","clean":{"prediction":3,"margin":0.5,)"
       R"("confidence":0.9,"near_tie":false},"target":1,"attempts":["found"],"attack":0,"prediction":1,"margin":-0.5,)"
       R"("confidence":0.9,"distance":null,"logits":[[1,2.5]],"witness":"ab","oracle":"label","label_source":"data",)"
       R"("recipe":[]})"});
  return 0;
}
