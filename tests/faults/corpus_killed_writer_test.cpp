// Writers that are killed, and disks that fill up: what was acknowledged is there, and nothing else is damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <random>
#include <set>
#include <thread>

#include "cli/mount.h"
#include "corpus/corpus_fixtures.h"
#include "faultline/core/error.h"

namespace faultline {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDifferent = 1000;
constexpr std::int64_t kTogether = 5;

/// Files findings and records events until it is killed; each part is told to the pipe once it is on disk.
[[noreturn]] void write_until_killed(const fs::path& path, std::uint64_t seed, int pipe) {
  std::mt19937_64 random(seed);
  Corpus corpus = Corpus::open_or_create(path);
  while (true) {
    const auto first = static_cast<std::int64_t>(random() % (kDifferent - kTogether));
    corpus.file(numbered_range(first, kTogether));
    corpus.record(event_file({{.finding = numbered_finding(first).id, .state = State::kFixed}}));
    if (::write(pipe, &first, sizeof first) != sizeof first) {
      ::_exit(1);
    }
  }
}

/// What a writer acknowledged before it was killed. Its time begins at once, or (seed even) with its first
/// acknowledgement, so that a slow machine sees writers at work too.
std::vector<std::int64_t> acknowledged(const fs::path& path, std::uint64_t seed, std::chrono::milliseconds life) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  EXPECT_GE(child, 0);
  if (child == 0) {
    ::close(ends[0]);
    try {
      write_until_killed(path, seed, ends[1]);
    } catch (const std::exception&) {
      ::_exit(2);
    }
  }
  ::close(ends[1]);
  std::vector<std::int64_t> told;
  if (std::int64_t first = 0; seed % 2 == 0 && ::read(ends[0], &first, sizeof first) == sizeof first) {
    told.push_back(first);
  }
  std::this_thread::sleep_for(life);
  ::kill(child, SIGKILL);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself: " << status;
  for (std::int64_t first = 0; ::read(ends[0], &first, sizeof first) == sizeof first;) {
    told.push_back(first);
  }
  ::close(ends[0]);
  return told;
}

std::set<std::string> ids_of(const std::vector<std::int64_t>& parts) {
  std::set<std::string> ids;
  for (const std::int64_t first : parts) {
    for (const NewFinding& filed : numbered_range(first, kTogether)) {
      ids.insert(filed.finding.id);
    }
  }
  return ids;
}

bool is_temporary(const std::string& name) { return name.find(kTemporaryMark) != std::string::npos; }

/// Files that no reading of the corpus accounts for.
std::vector<std::string> unexplained(const Corpus& corpus, const Reading& reading) {
  const std::set<std::string> loaded(reading.loaded.begin(), reading.loaded.end());
  std::vector<std::string> files;
  for (const auto& [path, bytes] : tree_of(corpus.path())) {
    const fs::path place(path);
    const std::string parent = place.parent_path().filename().string();
    const bool of_unfinished = is_id(parent) && !fs::exists(corpus.folder_of(parent) / "entry.json");
    if (path != "corpus.json" && !is_temporary(path) && parent != "events" && !loaded.contains(parent) &&
        !of_unfinished) {
      files.push_back(path);
    }
  }
  return files;
}

TEST(KilledWriters, LoseNothingThatWasAcknowledged) {
  const FixedDay day;
  const TemporaryFolder folder(memory_folder());
  const fs::path path = folder.path() / "c";
  constexpr std::uint64_t kRuns = 50;
  std::mt19937_64 random(9);
  std::vector<std::int64_t> told;
  for (std::uint64_t run = 0; run < kRuns; ++run) {
    const std::chrono::milliseconds life(1 + random() % 60);
    const std::vector<std::int64_t> more = acknowledged(path, run, life);
    told.insert(told.end(), more.begin(), more.end());
  }
  EXPECT_GE(told.size(), kRuns / 2);
  Corpus corpus = Corpus::open_or_create(path);
  const Reading reading = read_all_of(corpus);
  EXPECT_TRUE(reading.damage.empty()) << testing::PrintToString(reading.damage);
  EXPECT_EQ(unexplained(corpus, reading), std::vector<std::string>{});
  const std::set<std::string> loaded(reading.loaded.begin(), reading.loaded.end());
  const std::set<std::string> wanted = ids_of(told);
  EXPECT_TRUE(std::ranges::includes(loaded, wanted));
  std::set<std::string> judged;
  for (const ParsedEvents& events : reading.events) {
    judged.insert(events.file.events.front().finding);
  }
  for (const std::int64_t first : told) {
    EXPECT_TRUE(judged.contains(numbered_finding(first).id));
  }
  // What they left behind is in nobody's way.
  corpus.file(numbered_range(0, kDifferent));
  const Reading whole = read_all_of(corpus);
  EXPECT_EQ(whole.loaded.size(), std::size_t{kDifferent});
  EXPECT_TRUE(whole.damage.empty()) << testing::PrintToString(whole.damage);
}

/// A writer that is cut off at one of its renames: something else has the name.
void expect_unfinished_without(const std::string& name, const std::function<void(Corpus&)>& write) {
  SCOPED_TRACE(name);
  const TemporaryFolder folder(memory_folder());
  Corpus corpus = Corpus::open_or_create(folder.path() / "c");
  const std::string id = numbered_finding(0).id;
  fs::create_directories(corpus.folder_of(id) / name);
  EXPECT_THROW(write(corpus), Error);
  EXPECT_FALSE(corpus.contains(id)) << "the entry must come last";
  const Reading reading = read_all_of(corpus);
  EXPECT_TRUE(reading.loaded.empty());
  EXPECT_TRUE(reading.damage.empty()) << testing::PrintToString(reading.damage);
  for (const auto& [path, bytes] : tree_of(corpus.path())) {
    EXPECT_FALSE(is_temporary(path)) << path;
  }
}

TEST(CutOffWriters, LeaveNoEntryWithoutItsOtherFiles) {
  const FixedDay day;
  const TemporaryFolder folder(memory_folder());
  Corpus other = Corpus::open_or_create(folder.path() / "other");
  other.file({numbered(0)});
  for (const std::string& name :
       {std::string("witness.safetensors"), discovery_name(discovery_bytes(numbered_discovery(0)))}) {
    expect_unfinished_without(name, [](Corpus& corpus) { corpus.file({numbered(0)}); });
  }
  expect_unfinished_without("witness.safetensors", [&](Corpus& corpus) {
    corpus.merge(other, [](const std::string& message) { ADD_FAILURE() << message; });
  });
}

TEST(CorpusOnAFullDisk, RefusesAndKeepsWhatWasAcknowledged) {
  const FixedDay day;
  const TemporaryFolder folder;
  const SmallDisk disk(folder.path() / "disk", "size=512k");
  if (!disk.mounted()) {
    GTEST_SKIP() << "no file system can be mounted here";
  }
  Corpus corpus = Corpus::open_or_create(folder.path() / "disk/c");
  std::vector<std::int64_t> told;
  std::string refusal;
  for (std::int64_t first = 0; refusal.empty() && first < kDifferent; first += kTogether) {
    try {
      corpus.file(numbered_range(first, kTogether));
      told.push_back(first);
    } catch (const Error& error) {
      refusal = error.what();
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
    }
  }
  EXPECT_THAT(refusal, testing::HasSubstr("No space left on device"));
  EXPECT_FALSE(told.empty());
  // Larger than whatever room the failed call left.
  const std::string reason(std::size_t{512} * 1024, 'x');
  EXPECT_THROW(
      corpus.record(event_file({{.finding = numbered_finding(0).id, .until = "2030-01-01", .reason = reason}})), Error);
  const Reading reading = read_all_of(corpus);
  EXPECT_TRUE(reading.damage.empty()) << testing::PrintToString(reading.damage);
  const std::set<std::string> loaded(reading.loaded.begin(), reading.loaded.end());
  EXPECT_EQ(loaded, ids_of(told));
  for (const auto& [path, bytes] : tree_of(corpus.path())) {
    EXPECT_FALSE(is_temporary(path)) << path;
  }
  // With room again the same call succeeds.
  if (disk.remount("size=16m")) {
    const std::int64_t first = static_cast<std::int64_t>(told.size()) * kTogether;
    EXPECT_EQ(corpus.file(numbered_range(first, kTogether)).added, kTogether);
    EXPECT_TRUE(read_all_of(corpus).damage.empty());
  }
}

TEST(CorpusOnAFullDisk, MergeRefusesAndKeepsWhatWasThere) {
  const FixedDay day;
  const TemporaryFolder folder;
  Corpus large = Corpus::open_or_create(folder.path() / "large");
  large.file(numbered_range(0, 300));
  const SmallDisk disk(folder.path() / "disk", "size=512k");
  if (!disk.mounted()) {
    GTEST_SKIP() << "no file system can be mounted here";
  }
  Corpus corpus = Corpus::open_or_create(folder.path() / "disk/c");
  corpus.file(numbered_range(500, kTogether));
  EXPECT_THROW(corpus.merge(large, [](const std::string& message) { ADD_FAILURE() << message; }), Error);
  const Reading reading = read_all_of(corpus);
  EXPECT_TRUE(reading.damage.empty()) << testing::PrintToString(reading.damage);
  EXPECT_EQ(reading.loaded.size(), std::size_t{kTogether});
  for (const auto& [path, bytes] : tree_of(corpus.path())) {
    EXPECT_FALSE(is_temporary(path)) << path;
  }
}

}  // namespace
}  // namespace faultline
