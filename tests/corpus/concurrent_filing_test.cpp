// Several writers at once, without locks: the union, and every entry whole.
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "corpus/corpus_fixtures.h"

namespace faultline {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kWriters = 2;
constexpr std::int64_t kEach = 200;
constexpr std::int64_t kShift = 50;  // writer w files kShift * w ... : most of it is filed by both
constexpr std::int64_t kTogether = 7;

/// Opens the corpus itself, as every process does, and files in small parts.
void write(const fs::path& path, std::int64_t writer) {
  Corpus corpus = Corpus::open_or_create(path);
  for (std::int64_t first = kShift * writer; first < kShift * writer + kEach; first += kTogether) {
    corpus.file(numbered_range(first, std::min(kTogether, kShift * writer + kEach - first)));
    corpus.record(event_file({{.finding = numbered_finding(first).id, .state = State::kFixed}}));
  }
}

void expect_union(const fs::path& path) {
  const TemporaryFolder folder(memory_folder());
  for (std::int64_t writer = 0; writer < kWriters; ++writer) {
    write(folder.path() / "alone", writer);
  }
  EXPECT_EQ(difference(tree_of(path), tree_of(folder.path() / "alone")), "");
  const Reading reading = read_all_of(Corpus::open(path));
  EXPECT_EQ(reading.loaded.size(), static_cast<std::size_t>(kEach + kShift * (kWriters - 1)));
  EXPECT_TRUE(reading.damage.empty());
}

TEST(ConcurrentFiling, ThreadsFileTheUnion) {
  const FixedDay day;
  const TemporaryFolder folder(memory_folder());
  std::vector<std::thread> threads;
  for (std::int64_t writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] { write(folder.path() / "c", writer); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  expect_union(folder.path() / "c");
}

TEST(ConcurrentFiling, ThreadsShareOneCorpus) {
  const FixedDay day;
  const TemporaryFolder folder(memory_folder());
  Corpus corpus = Corpus::open_or_create(folder.path() / "c");
  std::vector<std::thread> threads;
  for (std::int64_t writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&] {
      for (std::int64_t number = 0; number < kEach; ++number) {
        corpus.file({numbered(number)});
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const Reading reading = read_all_of(corpus);
  EXPECT_EQ(reading.loaded.size(), static_cast<std::size_t>(kEach));
  EXPECT_TRUE(reading.damage.empty());
}

TEST(ConcurrentFiling, ProcessesFileTheUnion) {
  const FixedDay day;
  const TemporaryFolder folder(memory_folder());
  std::vector<pid_t> children;
  for (std::int64_t writer = 0; writer < kWriters; ++writer) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      int code = 1;
      try {
        write(folder.path() / "c", writer);
        code = 0;
      } catch (const std::exception& error) {
        static_cast<void>(std::fputs(error.what(), stderr));
      }
      ::_exit(code);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  expect_union(folder.path() / "c");
}

}  // namespace
}  // namespace faultline
