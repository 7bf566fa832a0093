// Files are written whole or not at all.
#include <sys/resource.h>

#include <csignal>

#include "faultline/data/npy.h"
#include "faultline/data/safetensors.h"
#include "faults/data_checks.h"

namespace faultline {
namespace {

using namespace fixtures;

std::size_t entries(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

/// Invariant: while it lives, no file of this process grows above `bytes`, which a write reports as an error.
class SmallFiles {
 public:
  explicit SmallFiles(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST(DataWriting, FullDiskLeavesTheOldFileAndNothingElse) {
  const TemporaryFolder folder;
  const std::string path = folder.write("w.npy", "old");
  const Tensor large = at::zeros({10000});
  const SmallFiles limit(1024);
  expect_refusal([&] { write_npy(path, large); }, {"w.npy", "cannot be written", "File too large"});
  expect_refusal([&] { write_safetensors(path, {{"x", large}}, {}); }, {"w.npy", "File too large"});
  EXPECT_EQ(read_all(path), "old");
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(DataWriting, FolderThatDoesNotExistIsNamed) {
  expect_refusal([] { write_npy("/nowhere/w.npy", at::zeros({1})); }, {"/nowhere/w.npy", "No such file or directory"});
}

TEST(DataWriting, FolderInTheWayIsNamed) {
  const TemporaryFolder folder;
  folder.write("w/inside", "kept");
  expect_refusal([&] { write_npy(folder.path() / "w", at::zeros({1})); }, {"/w", "cannot be written"});
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(DataWriting, ReplacesWhatIsThere) {
  const TemporaryFolder folder;
  const std::string path = folder.write("w.npy", "old");
  write_npy(path, at::full({1}, 2.0));
  EXPECT_EQ(values_of(read_rows(open_npy(path), 0, 1)), (std::vector<float>{2}));
  EXPECT_EQ(entries(folder.path()), 1U);
}

TEST(DataWriting, RowsOneByOneGiveTheSameBytesAsTheWhole) {
  const TemporaryFolder folder;
  const Tensor whole = at::arange(30, at::kFloat).reshape({5, 2, 3});
  write_npy(folder.path() / "whole.npy", whole);
  write_npy(folder.path() / "rows.npy", 5, [&](std::int64_t row) { return whole[row]; });
  EXPECT_EQ(read_all(folder.path() / "rows.npy"), read_all(folder.path() / "whole.npy"));
}

TEST(DataWriting, RowThatCannotBeMadeLeavesTheOldFileAndNothingElse) {
  const TemporaryFolder folder;
  const std::string path = folder.write("w.npy", "old");
  const auto row_of = [](std::int64_t row) -> Tensor {
    return row == 0 ? at::zeros({2}) : throw Error{ErrorCode::kUsage, "no such row"};
  };
  expect_refusal([&] { write_npy(path, 2, row_of); }, {"no such row"});
  EXPECT_EQ(read_all(path), "old");
  EXPECT_EQ(entries(folder.path()), 1U);
}

Bytes bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(DataWriting, BatchIsSeenOnlyOnceItIsCommitted) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a", "old");
  FileBatch batch;
  batch.add(path, bytes_of("new"));
  batch.add(folder.path() / "b", bytes_of("also new"));
  EXPECT_EQ(read_all(path), "old");
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "b"));
  batch.commit();
  EXPECT_EQ(read_all(path), "new");
  EXPECT_EQ(read_all(folder.path() / "b"), "also new");
  EXPECT_EQ(entries(folder.path()), 2U);
}

TEST(DataWriting, BatchThatIsNotCommittedLeavesNothing) {
  const TemporaryFolder folder;
  {
    FileBatch batch;
    batch.add(folder.path() / "a", bytes_of("new"));
    const SmallFiles limit(1024);
    expect_refusal([&] { batch.add(folder.path() / "b", bytes_of(std::string(4096, 'x'))); }, {"/b", "File too large"});
  }
  EXPECT_EQ(entries(folder.path()), 0U);
}

}  // namespace
}  // namespace faultline
