// Filing from a run: with a quota per signature, the order in which chunks finish cannot be seen in the corpus.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "corpus/corpus_fixtures.h"
#include "faultline/eval/filing.h"

namespace faultline {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunks = 8;
constexpr std::int64_t kInChunk = 25;
constexpr std::int64_t kKeep = 3;
constexpr std::int64_t kSignatures = 10;  // of numbered findings: one per label

std::int64_t first_of_chunk(std::size_t place) { return static_cast<std::int64_t>(place) * kInChunk; }

std::vector<NewFinding> chunk(std::size_t place) { return numbered_range(first_of_chunk(place), kInChunk); }

FilingFigures file_all(const fs::path& path, const std::vector<std::size_t>& order, std::int64_t keep) {
  Filing filing(Corpus::open_or_create(path), {.classes = 10, .keep = keep});
  for (const std::size_t place : order) {
    filing.add(first_of_chunk(place), kInChunk, chunk(place));
  }
  return filing.figures();
}

std::vector<std::size_t> in_order() {
  std::vector<std::size_t> order(kChunks);
  for (std::size_t place = 0; place < kChunks; ++place) {
    order[place] = place;
  }
  return order;
}

TEST(Quota, WithoutOneEverythingIsFiled) {
  const TemporaryFolder folder(memory_folder());
  const FilingFigures figures = file_all(folder.path() / "c", in_order(), /*keep=*/0);
  EXPECT_EQ(figures.added, static_cast<std::int64_t>(kChunks) * kInChunk);
  EXPECT_EQ(figures.known, 0);
  EXPECT_EQ(figures.over_quota, 0);
}

TEST(Quota, KeepsSoManyOfEverySignature) {
  const TemporaryFolder folder(memory_folder());
  const FilingFigures figures = file_all(folder.path() / "c", in_order(), kKeep);
  EXPECT_EQ(figures.added, kKeep * kSignatures);
  EXPECT_EQ(figures.over_quota, static_cast<std::int64_t>(kChunks) * kInChunk - kKeep * kSignatures);
}

TEST(Quota, DoesNotDependOnTheOrderInWhichChunksFinish) {
  const FixedDay day;
  const TemporaryFolder folder(memory_folder());
  (void)file_all(folder.path() / "whole", in_order(), kKeep);
  const Tree whole = tree_of(folder.path() / "whole");
  std::mt19937_64 random(7);
  std::vector<std::size_t> order = in_order();
  for (int round = 0; round < 20; ++round) {
    std::ranges::shuffle(order, random);
    const fs::path path = folder.path() / std::to_string(round);
    const FilingFigures figures = file_all(path, order, kKeep);
    ASSERT_EQ(difference(tree_of(path), whole), "") << "round " << round;
    EXPECT_EQ(figures.added, kKeep * kSignatures);
  }
}

TEST(Quota, DoesNotDependOnThreads) {
  const FixedDay day;
  const TemporaryFolder folder(memory_folder());
  (void)file_all(folder.path() / "whole", in_order(), kKeep);
  Filing filing(Corpus::open_or_create(folder.path() / "c"), {.classes = 10, .keep = kKeep});
  std::vector<std::thread> threads;
  for (std::size_t place = 0; place < kChunks; ++place) {
    threads.emplace_back([&filing, place] { filing.add(first_of_chunk(place), kInChunk, chunk(place)); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(filing.figures().added, kKeep * kSignatures);
  EXPECT_EQ(difference(tree_of(folder.path() / "c"), tree_of(folder.path() / "whole")), "");
}

TEST(Quota, CountsWhatIsThere) {
  const TemporaryFolder folder(memory_folder());
  (void)file_all(folder.path() / "c", in_order(), kKeep);
  const Tree before = tree_of(folder.path() / "c");
  const FilingFigures again = file_all(folder.path() / "c", in_order(), kKeep);
  EXPECT_EQ(again.added, 0);
  EXPECT_EQ(again.known, kKeep * kSignatures);
  EXPECT_EQ(difference(tree_of(folder.path() / "c"), before), "");
  EXPECT_EQ(file_all(folder.path() / "c", in_order(), kKeep + 1).added, kSignatures);
}

TEST(Quota, WhatWaitsForAChunkThatNeverFinishesIsFiledOnRequest) {
  const TemporaryFolder folder(memory_folder());
  Filing filing(Corpus::open_or_create(folder.path() / "c"), {.classes = 10, .keep = 1000});
  filing.add(first_of_chunk(2), kInChunk, chunk(2));
  filing.add(first_of_chunk(1), kInChunk, chunk(1));
  EXPECT_EQ(filing.figures().added, 0);
  filing.file_waiting();
  EXPECT_EQ(filing.figures().added, 2 * kInChunk);
  EXPECT_EQ(read_all_of(Corpus::open(folder.path() / "c")).loaded.size(), 2U * kInChunk);
}

TEST(Quota, DoesNotDependOnWhereARunWasCutOffAndResumed) {
  const FixedDay day;
  const TemporaryFolder folder(memory_folder());
  (void)file_all(folder.path() / "whole", in_order(), kKeep);
  const Tree whole = tree_of(folder.path() / "whole");
  std::mt19937_64 random(11);
  std::vector<std::size_t> order = in_order();
  for (int round = 0; round < 20; ++round) {
    std::ranges::shuffle(order, random);
    const auto done = std::vector(order.begin(), order.begin() + 4);
    const fs::path path = folder.path() / std::to_string(round);
    (void)file_all(path, done, kKeep);
    // The resumed run knows the earlier rows one by one, and cuts what is left into other chunks.
    Filing filing(Corpus::open(path), {.classes = 10, .keep = kKeep});
    for (const std::size_t place : done) {
      for (std::int64_t index = first_of_chunk(place); index < first_of_chunk(place + 1); ++index) {
        filing.add(index, 1, {numbered(index)});
      }
    }
    filing.add(0, static_cast<std::int64_t>(kChunks) * kInChunk,
               numbered_range(0, static_cast<std::int64_t>(kChunks) * kInChunk));
    ASSERT_EQ(difference(tree_of(path), whole), "") << "round " << round;
  }
}

TEST(Quota, TheSameFindingTwiceCountsOnce) {
  const TemporaryFolder folder(memory_folder());
  Filing filing(Corpus::open_or_create(folder.path() / "c"), {.classes = 10, .keep = 2});
  // 0, 10 and 20 have one signature.
  filing.add(0, kInChunk, {numbered(0), numbered(0), numbered(0), numbered(10), numbered(20)});
  const FilingFigures figures = filing.figures();
  EXPECT_EQ(figures.added, 2);
  EXPECT_EQ(figures.known, 2);
  EXPECT_EQ(figures.over_quota, 1);
}

TEST(Quota, LeftoversOfAWriterThatWasCutOffDoNotCount) {
  const TemporaryFolder folder(memory_folder());
  Corpus corpus = Corpus::open_or_create(folder.path() / "c");
  corpus.file({numbered(0)});
  fs::remove(corpus.folder_of(numbered_finding(0).id) / "entry.json");
  Filing filing(corpus, {.classes = 10, .keep = 1});
  filing.add(0, kInChunk, {numbered(0), numbered(10)});
  const FilingFigures figures = filing.figures();
  EXPECT_EQ(figures.added, 1);
  EXPECT_EQ(figures.over_quota, 1);
}

TEST(Quota, ADamagedEntryDoesNotStopFiling) {
  const TemporaryFolder folder(memory_folder());
  Corpus corpus = Corpus::open_or_create(folder.path() / "c");
  corpus.file({numbered(0), numbered(10)});
  const std::string id = numbered_finding(0).id;
  (void)folder.write("c/findings/" + id.substr(0, 2) + "/" + id + "/entry.json", "torn");
  Filing filing(corpus, {.classes = 10, .keep = 2});
  filing.add(0, kInChunk, {numbered(20), numbered(30)});
  EXPECT_EQ(filing.figures().added, 1);
}

}  // namespace
}  // namespace faultline
